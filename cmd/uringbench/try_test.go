package main

import (
	"bufio"
	"crypto/sha256"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/ringreadv/ringreadv/ci/peers"
)

// serve runs "serve" on a directory until the test ends, and wants it to end
// well; it returns what makes the URL of a name.
func serve(t *testing.T, protocol, dir string) (url func(name string) string) {
	t.Helper()
	cmd := command(t, "serve", "--dir", dir, "--protocol", protocol)
	url = started(t, cmd)
	t.Cleanup(func() {
		cmd.Process.Signal(syscall.SIGTERM)
		if err := cmd.Wait(); err != nil {
			t.Errorf("serve, told to end: %v", err)
		}
	})
	if start := map[string]string{"gluster": "gluster://127.0.0.1:", "nfs3": "nfs://127.0.0.1/bench/?"}[protocol]; !strings.HasPrefix(url(""), start) {
		t.Fatalf("serve printed %q", url(""))
	}
	return url
}

// started starts a "serve" and waits until it is ready.
func started(t *testing.T, cmd *exec.Cmd) (url func(name string) string) {
	t.Helper()
	cmd.Stderr = t.Output()
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		t.Fatalf("serve printed %q, %v; want a URL", line, err)
	}
	path, query, _ := strings.Cut(strings.TrimSpace(line), "?")
	if query != "" {
		query = "?" + query
	}
	return func(name string) string { return path + name + query }
}

var protocols = []string{"gluster", "nfs3"}

func randomBytes(n int) []byte {
	p := make([]byte, n)
	rand.NewChaCha8([32]byte{1}).Read(p)
	return p
}

func TestCatAndList(t *testing.T) {
	dir := t.TempDir()
	content := randomBytes(9<<20 + 77)
	for name, data := range map[string][]byte{"big": content, "a b": []byte("blank\n"), "empty": nil} {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o640); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(dir, "sub"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, p := range protocols {
		t.Run(p, func(t *testing.T) { catAndList(t, serve(t, p, dir), content) })
	}
}

func catAndList(t *testing.T, url func(name string) string, content []byte) {
	if got := succeed(t, "cat", url("big")); sha256.Sum256([]byte(got)) != sha256.Sum256(content) {
		t.Errorf("cat wrote %d bytes that are not the file's %d", len(got), len(content))
	}
	if got := succeed(t, "cat", url("a%20b")); got != "blank\n" {
		t.Errorf("cat of a name with a blank wrote %q", got)
	}
	if got := succeed(t, "cat", url("empty")); got != "" {
		t.Errorf("cat of an empty file wrote %q", got)
	}
	list := strings.Split(strings.TrimSuffix(succeed(t, "ls", url("")), "\n"), "\n")
	if len(list) != 4 {
		t.Fatalf("ls shows %d entries, want 4:\n%s", len(list), strings.Join(list, "\n"))
	}
	for i, want := range []string{"a b", "big", "empty", "sub/"} {
		if !strings.HasSuffix(list[i], " "+want) {
			t.Errorf("line %d is %q, want %q", i, list[i], want)
		}
	}
	for _, want := range []string{"-rw-r-----", " 9437261 ", " 9.0 MiB "} {
		if !strings.Contains(list[1], want) {
			t.Errorf("no %q in %q", want, list[1])
		}
	}
	if got := succeed(t, "ls", url("big")); !strings.Contains(got, " 9437261 ") || !strings.HasSuffix(got, " big\n") {
		t.Errorf("ls of a file says %q", got)
	}
	for _, c := range []struct{ path, try string }{{"sub", url("sub")}, {"missing", url("")}} {
		_, stderr, code := uringbench(t, "cat", url(c.path))
		_, try, _ := strings.Cut(stderr, "\n  try: ")
		words := shellWords(t, strings.TrimSuffix(try, "\n"))
		if want := []string{"uringbench", "ls", c.try}; code != 1 || !slices.Equal(words, want) {
			t.Fatalf("cat of %s: exit status %d, want 1 and to be told to type %q\n%s", c.path, code, want, stderr)
		}
		succeed(t, words[1:]...)
	}
}

// shellWords is what a shell makes of a line.
func shellWords(t *testing.T, line string) []string {
	t.Helper()
	out, err := exec.Command("sh", "-c", `printf '%s\0' `+line).Output()
	if err != nil {
		t.Fatalf("%s: %v", line, err)
	}
	return strings.Split(strings.TrimSuffix(string(out), "\x00"), "\x00")
}

// A directory stands for its files; those too small for a block do not count.
func TestRunOfDirectory(t *testing.T) {
	dir := t.TempDir()
	for name, size := range map[string]int{"a": 300_000, "b": 200_000, "tiny": 10} {
		if err := os.WriteFile(filepath.Join(dir, name), randomBytes(size), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for protocol, engines := range map[string]string{"gluster": "uring,netconn", "nfs3": "uring"} {
		url := serve(t, protocol, dir)
		r := reportOf(t, succeed(t, url(""), "--bs", "64k", "--depth", "4", "--repeat", "1", "--time", "20ms",
			"--engine", engines, "--conns", "2", "--verify", "--json", "-"))
		if want := 2 * len(strings.Split(engines, ",")); len(r.Runs) != want {
			t.Fatalf("%s: %d runs, want %d", protocol, len(r.Runs), want)
		}
		for _, run := range r.Runs {
			if !run.Verified || run.Files != 4 || run.Conns != 2 || run.Protocol != protocol || r.Servers[0].URLs[protocol] != url("a") {
				t.Errorf("%+v", run)
			}
		}
	}
}

func TestRealVolume(t *testing.T) {
	s := peers.Gluster(t)
	content := randomBytes(3<<20 + 5)
	name := s.Volume.Scratch(t) + "/file"
	s.Volume.Put(t, name, content)
	tryReal(t, "gluster://"+s.Addr()+"/"+s.Volume.Name+name, content)
	for _, f := range []failure{
		{"no such volume", []string{"cat", "gluster://" + s.Addr() + "/nothing/file"}, []string{"opening: ", "no started volume nothing"}, "gluster volume status"},
		{"no such file", []string{"ls", "gluster://" + s.Addr() + "/" + s.Volume.Name + "/nothing"}, []string{"looking: ", "no such file"}, "uringbench ls gluster://" + s.Addr()},
		{"a directory", []string{"cat", "gluster://" + s.Addr() + "/" + s.Volume.Name + path.Dir(name)}, []string{"opening: ", "is a directory"}, "uringbench ls gluster://" + s.Addr()},
	} {
		f.check(t)
	}
}

func TestRealNFS(t *testing.T) {
	s := peers.Ganesha(t)
	content := randomBytes(3<<20 + 5)
	if err := os.WriteFile(s.Export.Dir+"/file", content, 0o644); err != nil {
		t.Fatal(err)
	}
	host, _, _ := net.SplitHostPort(s.Addr())
	url := func(path string) string {
		return fmt.Sprintf("nfs://%s%s?nfsport=%d&mountport=%d", host, path, s.NFSPort, s.MountPort)
	}
	tryReal(t, url(s.Export.Path+"/file"), content)
	if err := os.WriteFile(s.Export.Dir+"/secret", content, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, f := range []failure{
		{"no such export", []string{"cat", url("/nothing/file")}, []string{"opening: ", "mounting /nothing"}, "showmount -e " + host},
		{"no such file", []string{"ls", url(s.Export.Path + "/nothing")}, []string{"looking: ", "no such file"}, "uringbench ls 'nfs://" + host},
		{"not allowed", []string{"cat", url(s.Export.Path+"/secret") + "&uid=1&gid=1"}, []string{"permission denied"}, "the file's mode and owner"},
	} {
		f.check(t)
	}
}

// tryReal reads a file of a real server with every command that takes a URL.
func tryReal(t *testing.T, url string, content []byte) {
	t.Helper()
	if got := succeed(t, "cat", url); sha256.Sum256([]byte(got)) != sha256.Sum256(content) {
		t.Errorf("cat wrote %d bytes that are not the file's %d", len(got), len(content))
	}
	if got := succeed(t, "ls", url); !strings.HasSuffix(got, " file\n") {
		t.Errorf("ls says %q", got)
	}
	r := reportOf(t, succeed(t, url, "--time", "50ms", "--repeat", "1", "--verify", "--json", "-"))
	if len(r.Runs) != 14 {
		t.Errorf("%d runs, want 14", len(r.Runs))
	}
	for _, run := range r.Runs {
		if !run.Verified || run.Errors != 0 {
			t.Errorf("%+v", run)
		}
	}
}
