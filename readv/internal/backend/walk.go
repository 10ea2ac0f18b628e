package backend

import (
	"context"
	"strings"
	"syscall"
)

// Node is what a name stands for, as a protocol knows it.
type Node interface {
	IsDir() bool
	IsLink() bool
}

// Tree is what walking a path takes of a protocol.
type Tree[N Node] interface {
	// Lookup finds a name in a directory.
	Lookup(ctx context.Context, dir N, name string) (N, error)
	// Readlink gives the target of a symbolic link.
	Readlink(ctx context.Context, link N) (string, error)
}

// maxLinks is how many symbolic links one name may lead through, as in Linux.
const maxLinks = 40

// Walk finds what a name below root stands for, element by element, following
// symbolic links. Absolute links and ".." stay within the root. Besides the
// protocol's errors there are syscall.ENOTDIR and syscall.ELOOP.
func Walk[N Node](ctx context.Context, tree Tree[N], root N, name string) (N, error) {
	var none N
	todo := strings.Split(name, "/")
	path := []N{root} // from the root to where the walk stands
	for links := 0; len(todo) > 0; {
		element := todo[0]
		todo = todo[1:]
		switch element {
		case "", ".":
			continue
		case "..":
			path = path[:max(1, len(path)-1)]
			continue
		}
		at := path[len(path)-1]
		if !at.IsDir() {
			return none, syscall.ENOTDIR
		}
		n, err := tree.Lookup(ctx, at, element)
		if err != nil {
			return none, err
		}
		if !n.IsLink() {
			path = append(path, n)
			continue
		}
		if links++; links > maxLinks {
			return none, syscall.ELOOP
		}
		target, err := tree.Readlink(ctx, n)
		if err != nil {
			return none, err
		}
		if strings.HasPrefix(target, "/") {
			path = path[:1]
		}
		todo = append(strings.Split(target, "/"), todo...)
	}
	return path[len(path)-1], nil
}
