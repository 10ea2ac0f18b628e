package netconn

import (
	"fmt"
	"net"
	"strings"
)

// brick is where the volume's files are.
type brick struct {
	path string
	host string
	port string // "" if the portmapper has to be asked
	user string
	pass string
}

// findBrick picks the brick of a volume of one brick out of its volfile. What
// translators stand above it does not matter: one brick has all bytes of all
// files, unless they are cut into shards.
func findBrick(spec string) (brick, error) {
	var bricks []brick
	kind, option := "", map[string]string{}
	for line := range strings.Lines(spec) {
		words := strings.Fields(line)
		switch {
		case len(words) == 2 && words[0] == "type":
			kind = words[1]
		case len(words) >= 3 && words[0] == "option":
			option[words[1]] = strings.Join(words[2:], " ")
		case len(words) == 1 && words[0] == "end-volume":
			if kind == "features/shard" {
				return brick{}, fmt.Errorf("netconn: the volume cuts files into shards")
			}
			if kind == "protocol/client" {
				bricks = append(bricks, brick{
					path: option["remote-subvolume"], host: option["remote-host"], port: option["remote-port"],
					user: option["username"], pass: option["password"],
				})
			}
			kind, option = "", map[string]string{}
		}
	}
	if len(bricks) != 1 {
		return brick{}, fmt.Errorf("netconn: the volume has %d bricks; only volumes of one are read", len(bricks))
	}
	return bricks[0], nil
}

func (b brick) address() string { return net.JoinHostPort(b.host, b.port) }
