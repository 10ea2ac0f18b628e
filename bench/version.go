package bench

import (
	"runtime/debug"
	"strings"
)

// Version is that of this program: of its module, or the revision of its sources with
// a + if they had been changed; "" if the build does not tell.
func Version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	if v := info.Main.Version; v != "" && v != "(devel)" {
		return v
	}
	var revision, changed string
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision":
			revision = s.Value[:min(len(s.Value), 12)]
		case s.Key == "vcs.modified" && s.Value == "true":
			changed = "+"
		}
	}
	return strings.TrimPrefix(revision+changed, "+")
}
