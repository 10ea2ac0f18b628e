package main

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/ringreadv/ringreadv/ci/skip"
)

// Without a mirror the newest kernels of the cache are taken, and it is said so;
// what was never fetched is missing.
func TestOffline(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{
		"bullseye-security_5.10_5.10.99-1", "bullseye-security_5.10_5.10.262-1", "bullseye-security_6.1_6.1.180-1~deb11u1",
		backports + "_6.19_6.19.14-1~bpo13+1", backports + "_7.3_7.3.4-1~bpo13+1", backports + "_7.3_7.3.12-1~bpo13+1",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	s, err := openStore(dir, true)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		f    flags
		want []string
	}{
		{flags{}, []string{"5.10.262-1", "", "", "7.3.12-1~bpo13+1"}},
		{flags{all: true}, []string{"5.10.262-1", "", "", "6.19.14-1~bpo13+1", "7.3.12-1~bpo13+1"}},
		{flags{only: "6.19,5.10,6.12"}, []string{"6.19.14-1~bpo13+1", "5.10.262-1", ""}},
	} {
		var got []string
		for _, k := range s.obtain(t.Context(), choose(c.f)) {
			got = append(got, k.version)
			if !errors.Is(k.note, errOffline) || (k.image == "") != (k.version == "") {
				t.Errorf("%+v", k)
			}
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%+v: %s", c.f, diff)
		}
		if kernels := s.obtain(t.Context(), choose(c.f)); allThere(kernels) {
			t.Errorf("%+v: all there", c.f)
		}
	}
}

// Kernels are found where Debian has put them over the years, and only whole.
func TestUnpack(t *testing.T) {
	if _, err := exec.LookPath("dpkg-deb"); err != nil {
		skip.For(t, skip.Machine, err)
	}
	for at, want := range map[string]string{
		"boot/vmlinuz-6.12": "a kernel", "usr/lib/modules/7.3/vmlinuz": "a kernel", "boot/config-6.12": "",
	} {
		dir := t.TempDir()
		tree := filepath.Join(dir, "tree")
		deb, image := filepath.Join(dir, "x.deb"), filepath.Join(dir, "image")
		for name, text := range map[string]string{
			"DEBIAN/control": "Package: x\nVersion: 1\nArchitecture: all\nMaintainer: x\nDescription: x\n", at: "a kernel",
		} {
			name = filepath.Join(tree, name)
			if err := errors.Join(os.MkdirAll(filepath.Dir(name), 0o755), os.WriteFile(name, []byte(text), 0o644)); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := output(exec.Command("dpkg-deb", "--build", tree, deb)); err != nil {
			t.Fatal(err)
		}
		err := unpack(t.Context(), deb, image)
		got, _ := os.ReadFile(image)
		if string(got) != want || (err == nil) != (want != "") {
			t.Errorf("%s: %q, %v", at, got, err)
		}
	}
}
