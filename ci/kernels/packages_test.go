package main

import (
	stdcmp "cmp"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Names as Debian's suites have them.
func TestFindKernels(t *testing.T) {
	var list strings.Builder
	for _, p := range [][2]string{
		{"linux-image-5.10.0-46-cloud-amd64-unsigned", "5.10.262-1"},
		{"linux-image-5.10.0-46-cloud-amd64-dbg", "5.10.262-1"},
		{"linux-image-5.10.0-46-cloud-amd64", "5.10.262-1"},
		{"linux-image-5.10.0-46-amd64", "5.10.262-1"},
		{"linux-image-6.1-cloud-amd64", "6.1.180-1~deb11u1"}, // a meta-package
		{"linux-image-cloud-amd64", "5.10.262-1"},
		{"linux-image-6.12.117+deb13-cloud-amd64", "6.12.117-1"},
		{"linux-image-7.3.4+deb13-cloud-amd64", "7.3.4-1~bpo13+1"},
		{"linux-binary-7.3.4+deb13-cloud-amd64", "7.3.4-1~bpo13+1"},
		{"linux-binary-unsigned-7.3.4+deb13-cloud-amd64", "7.3.4-1~bpo13+1"},
	} {
		fmt.Fprintf(&list, "Package: %s\nSource: linux\nVersion: %s\nDescription: a kernel\n more of it\n\n", p[0], p[1])
	}
	want := []kernelPackage{
		{"linux-image-5.10.0-46-cloud-amd64", "5.10.262-1", "5.10"},
		{"linux-image-6.12.117+deb13-cloud-amd64", "6.12.117-1", "6.12"},
		{"linux-image-7.3.4+deb13-cloud-amd64", "7.3.4-1~bpo13+1", "7.3"},
		{"linux-binary-7.3.4+deb13-cloud-amd64", "7.3.4-1~bpo13+1", "7.3"},
	}
	if diff := cmp.Diff(want, findKernels(list.String()), cmp.AllowUnexported(kernelPackage{})); diff != "" {
		t.Error(diff)
	}
}

func TestNewerKernels(t *testing.T) {
	older := []kernelPackage{
		{"linux-image-5.10.0-9-cloud-amd64", "5.10.99-1", "5.10"},
		{"linux-image-5.10.0-46-cloud-amd64", "5.10.262-1", "5.10"},
		{"linux-image-6.12.115+deb13-cloud-amd64", "6.12.115-1", "6.12"},
		{"linux-image-6.12.115+deb13.1-cloud-amd64", "6.12.115-2", "6.12"},
		{"linux-image-7.3.4+deb13-cloud-amd64", "7.3.4-1~bpo13+1", "7.3"},
		{"linux-binary-7.3.4+deb13-cloud-amd64", "7.3.4-1~bpo13+1", "7.3"},
	}
	for i, p := range older {
		for j, q := range older {
			if got := p.compare(q); got != stdcmp.Compare(i, j) {
				t.Errorf("%s against %s: %d", p.name, q.name, got)
			}
		}
	}
}
