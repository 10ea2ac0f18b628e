package xdrwire

import "fmt"

// Procedure names a remote procedure (RFC 5531 §7.1).
type Procedure struct{ Prog, Vers, Proc uint32 }

func (p Procedure) String() string {
	return fmt.Sprintf("program %d version %d procedure %d", p.Prog, p.Vers, p.Proc)
}
