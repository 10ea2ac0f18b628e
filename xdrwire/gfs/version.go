package gfs

import "fmt"

// is330 tells the layouts apart and refuses a version that has none here.
func is330(vers uint32) bool {
	if vers != V400 && vers != V330 {
		panicVersion(vers)
	}
	return vers == V330
}

func panicVersion(vers uint32) {
	panic(fmt.Sprintf("gfs: file operation version %d, want %d or %d", vers, V330, V400))
}
