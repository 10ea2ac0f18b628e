package jobs

import (
	"errors"
	"fmt"
	"net"
	"strings"
)

// Engines of fio that read what uringbench reads.
const (
	engineGluster = "gfapi"
	engineNFS     = "nfs"
)

// setEngine notes whose volume= and nfs_url= count; [draft.ignore] reports the others.
func setEngine(d *draft, value string, _ int) error {
	switch value {
	case "":
		return errNoValue
	case "gfapi", "gfapi_async":
		d.engine = engineGluster
	case "nfs":
		d.engine = engineNFS
	default:
		d.engine = ""
	}
	return nil
}

func setVolume(d *draft, value string, at int) error {
	if value == "" || strings.ContainsAny(value, "/?#% ") {
		return errors.New("want the name of a volume")
	}
	d.volume, d.volumeAt = value, at
	return nil
}

func setBrick(d *draft, value string, at int) error {
	if value == "" || strings.ContainsAny(value, "/?#% ") {
		return errors.New("want the host that serves the volume, without a port")
	}
	d.brick, d.volumeAt = value, at
	return nil
}

func setNFS(d *draft, value string, at int) error {
	if !strings.HasPrefix(value, "nfs://") {
		return errors.New("want a URL like nfs://host/export/directory")
	}
	d.nfs, d.nfsAt = value, at
	return nil
}

// base makes the URL out of what was given.
func (d *draft) base() (rawURL string, at int, err error) {
	switch d.engine {
	case engineGluster:
		if (d.volume == "") != (d.brick == "") {
			return "", d.volumeAt, errors.New("ioengine=gfapi wants volume= and brick=, which is the host, or neither")
		}
		if d.volume == "" {
			return "", 0, nil
		}
		host := d.brick
		if strings.Contains(host, ":") { // IPv6
			host = net.JoinHostPort(host, "")
			host = strings.TrimSuffix(host, ":")
		}
		return fmt.Sprintf("gluster://%s/%s/", host, d.volume), 0, nil
	case engineNFS:
		return d.nfs, 0, nil
	}
	switch {
	case d.volume != "" || d.brick != "":
		return "", d.volumeAt, errors.New("volume= and brick= belong to ioengine=gfapi or gfapi_async, which this job has not")
	case d.nfs != "":
		return "", d.nfsAt, errors.New("nfs_url= belongs to ioengine=nfs, which this job has not")
	}
	return "", 0, nil
}
