package bench

import "testing"

func TestSplitURL(t *testing.T) {
	for in, want := range map[string][2]string{
		"gluster://h/vol":            {"gluster://h/vol/", ""},
		"gluster://h/vol/":           {"gluster://h/vol/", ""},
		"gluster://h/vol/f":          {"gluster://h/vol/", "f"},
		"gluster://h/vol/d/a%20b":    {"gluster://h/vol/d/", "a b"},
		"nfs://h/export/f":           {"nfs://h/export/", "f"},
		"nfs://h/export/f?nfsport=1": {"nfs://h/export/?nfsport=1", "f"},
		"nfs://h/f":                  {"nfs://h/", "f"},
	} {
		dir, name, err := SplitURL(in)
		if dir != want[0] || name != want[1] || err != nil {
			t.Errorf("%s: %q, %q, %v", in, dir, name, err)
		}
	}
	if _, _, err := SplitURL("ftp://h/f"); err == nil {
		t.Error("ftp was accepted")
	}
}
