package main

import (
	"archive/tar"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
)

// From 7.2 on the image lies among the modules.
var imagePath = regexp.MustCompile(`^(\./)?(boot/vmlinuz-[^/]+|usr/lib/modules/[^/]+/vmlinuz)$`)

// extract downloads the package, which apt verifies, and writes the kernel in it
// to image.
func (a *aptRoot) extract(ctx context.Context, p kernelPackage, image string) error {
	folder := filepath.Join(a.dir, "archives")
	remove := func() error {
		left, err := filepath.Glob(filepath.Join(folder, "*.deb"))
		for _, f := range left {
			err = errors.Join(err, os.Remove(f))
		}
		return err
	}
	if err := remove(); err != nil {
		return err
	}
	if _, err := a.run(ctx, "apt-get", "-q", "download", p.name+"="+p.version); err != nil {
		return err
	}
	found, err := filepath.Glob(filepath.Join(folder, "*.deb"))
	if err != nil || len(found) != 1 {
		return fmt.Errorf("%d packages came for %s", len(found), p.name)
	}
	if err := unpack(ctx, found[0], image); err != nil {
		return err
	}
	return remove()
}

// unpack writes the kernel of a package to image, whole or not at all.
func unpack(ctx context.Context, deb, image string) (err error) {
	ctx, stop := context.WithCancel(ctx) // the rest of the package is not wanted
	defer stop()
	cmd := exec.CommandContext(ctx, "dpkg-deb", "--fsys-tarfile", deb)
	pipe, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	defer func() { stop(); cmd.Wait() }()
	for files := tar.NewReader(pipe); ; {
		h, err := files.Next()
		if err != nil {
			return fmt.Errorf("looking for a kernel in %s: %w", filepath.Base(deb), err)
		}
		if imagePath.MatchString(h.Name) && h.Typeflag == tar.TypeReg {
			return writeWhole(image, files)
		}
	}
}

func writeWhole(name string, from io.Reader) error {
	f, err := os.CreateTemp(filepath.Dir(name), ".new-")
	if err != nil {
		return err
	}
	_, err = io.Copy(f, from)
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), name)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return nil
}
