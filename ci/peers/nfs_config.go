package peers

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// ganeshaCore is the part of the configuration that is not exports. Without
// fsid_device two exports of one file system would have to be numbered apart;
// with the usual Attr_Expiration_Time files changed on the server keep their old
// size for a minute.
const ganeshaCore = `NFS_CORE_PARAM {
	Bind_addr = %s; NFS_Port = %d; MNT_Port = %d;
	Protocols = 3; NFS_Protocols = 3; Enable_UDP = false;
	Enable_NLM = false; Enable_RQUOTA = false; fsid_device = true;
}
EXPORT_DEFAULTS {
	Access_Type = RO; Squash = No_Root_Squash; SecType = sys, none;
	Attr_Expiration_Time = 0;
	Protocols = 3; Transports = TCP;
}
LOG { Default_Log_Level = EVENT; Components { ALL = EVENT; } }
`

// ganeshaExports are ganesha's EXPORT blocks.
type ganeshaExports []struct {
	export  *NFSExport
	options string // of the block
	fsal    string // where the files come from: Name = ...;
}

// localExports are directories in that of the server.
func localExports(s *NFSServer) ganeshaExports {
	const vfs = "Name = VFS;"
	exports := ganeshaExports{
		{&s.Export, "", vfs},
		{&s.SmallReads, fmt.Sprintf("MaxRead = %d; PrefRead = %[1]d;", SmallReadBytes), vfs},
		{&s.Squashed, "Squash = Root_Squash;", vfs},
		{&s.Denied, "Access_Type = None;", vfs},
	}
	for i, name := range []string{"plain", "small", "squashed", "denied"} {
		dir := filepath.Join(s.Dir, "exports", name)
		*exports[i].export = NFSExport{Path: dir, Dir: dir}
	}
	return exports
}

// configure writes ganesha's configuration and makes the directories that it
// exports.
func (s *NFSServer) configure(exports ganeshaExports) error {
	var conf strings.Builder
	fmt.Fprintf(&conf, ganeshaCore, s.Host, s.NFSPort, s.MountPort)
	for i, e := range exports {
		fmt.Fprintf(&conf, "EXPORT { Export_Id = %d; Path = %q; Pseudo = /export%d; %s FSAL { %s } }\n",
			i+1, e.export.Path, i+1, e.options, e.fsal)
		if err := os.MkdirAll(e.export.Dir, 0o755); err != nil {
			return err
		}
	}
	return os.WriteFile(filepath.Join(s.Dir, "ganesha.conf"), []byte(conf.String()), 0o644)
}
