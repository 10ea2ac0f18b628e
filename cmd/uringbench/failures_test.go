package main

import (
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/ringreadv/ringreadv/bench"
	"github.com/ringreadv/ringreadv/ci/seccomp"
	"github.com/ringreadv/ringreadv/ci/skip"
	"github.com/ringreadv/ringreadv/transport"
	"golang.org/x/sys/unix"
)

// failure is a command line that fails, and what the user is told: what is wrong, with
// the step and the URL or file, on one line, and on another what to try.
type failure struct {
	name string
	args []string
	says []string // on the first line
	try  string   // on the second begins with it; "": there is none
}

func (f failure) check(t *testing.T) {
	t.Helper()
	cmd := command(t, f.args...)
	stdout := &strings.Builder{}
	cmd.Stdout = stdout
	f.checkCommand(t, cmd)
	if stdout.Len() > 0 {
		t.Errorf("%s: stdout %q", f.name, stdout)
	}
}

// checkCommand is for a command whose stdout is not ours.
func (f failure) checkCommand(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	stderr := &strings.Builder{}
	cmd.Stderr = stderr
	err := cmd.Run()
	f.checkSaid(t, cmd.ProcessState.ExitCode(), stderr.String())
	if err == nil {
		t.Errorf("%s: no failure", f.name)
	}
}

// checkSaid looks at the last of what was said.
func (f failure) checkSaid(t *testing.T, status int, stderr string) {
	t.Helper()
	_, said, found := strings.Cut("\n"+stderr, "\nuringbench: ")
	what, try, has := strings.Cut(strings.TrimSuffix(said, "\n"), "\n  try: ")
	good := found && status == exitFailure && has == (f.try != "") && strings.HasPrefix(try, f.try) && !strings.Contains(what+try, "\n")
	for _, s := range f.says {
		good = good && strings.Contains(what, s)
	}
	if !good {
		t.Errorf("%s: uringbench %s: status %d, want %d, %q and to try %q\n%s",
			f.name, strings.Join(f.args, " "), status, exitFailure, f.says, f.try, stderr)
	}
}

// Servers that cannot be reached, do not answer, or answer something else.
func TestFailuresToConnect(t *testing.T) {
	silent, full := listen(t), fullListener(t)
	closing, mail := listen(t), listen(t)
	go greet(closing, "", true)
	go greet(mail, "220 mail.example ESMTP\r\n", false)
	gluster := func(address string) string { return "gluster://" + address + "/volume/file" }
	nfs := func(address string) string {
		host, port, _ := net.SplitHostPort(address)
		return "nfs://" + host + "/export/file?nfsport=" + port + "&mountport=" + port
	}
	const timeout = "--timeout=300ms"
	for _, f := range []failure{
		{"no such host", []string{"cat", gluster("no-such-host.invalid:1")}, []string{"opening: ", "lookup no-such-host.invalid"}, "the host's address instead of its name"},
		{"no such host", []string{"ls", nfs("no-such-host.invalid:1")}, []string{"connecting: ", "lookup no-such-host.invalid"}, "the host's address instead of its name"},
		{"nothing listens", []string{"ls", gluster("127.0.0.1:1")}, []string{"connecting: ", "refused"}, "another port, gluster://host:port/"},
		{"nothing listens", []string{"chaos", "--quiet", nfs("127.0.0.1:1")}, []string{"refused"}, "the ports, nfs://host/"},
		{"packets are swallowed", []string{"cat", timeout, gluster(full)}, []string{"opening: ", "connecting to glusterd"}, "whether the server can be reached"},
		{"packets are swallowed", []string{"ls", timeout, nfs(full)}, []string{"connecting: ", "MOUNT service"}, "whether the server can be reached"},
		{"no answer", []string{"cat", timeout, nfs(silent.Addr().String())}, []string{"opening: ", "mounting /export"}, "whether the server can be reached"},
		{"no answer", []string{"ls", timeout, gluster(silent.Addr().String())}, []string{"connecting: ", "volfile"}, "whether the server can be reached"},
		{"it hangs up", []string{"cat", gluster(closing.Addr().String())}, []string{"opening: ", "ended"}, "whether the server still runs"},
		{"it speaks SMTP", []string{"run", "--quiet", gluster(mail.Addr().String())}, []string{"connecting: ", "malformed record"}, "another port: what answers"},
	} {
		url := f.args[len(f.args)-1]
		f.says = append(f.says, url)
		f.check(t)
	}
}

// greet says something to everybody who connects, and hangs up or waits for more.
func greet(l net.Listener, words string, hangUp bool) {
	for {
		c, err := l.Accept()
		if err != nil {
			return
		}
		c.Write([]byte(words))
		if hangUp {
			c.Close()
		} else {
			defer c.Close()
		}
	}
}

func listen(t *testing.T) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

// fullListener is an address whose queue of connections is full: Linux drops further
// SYNs, as a firewall does.
func fullListener(t *testing.T) string {
	t.Helper()
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { unix.Close(fd) })
	if err := unix.Bind(fd, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		t.Fatal(err)
	}
	if err := unix.Listen(fd, 0); err != nil {
		t.Fatal(err)
	}
	name, err := unix.Getsockname(fd)
	if err != nil {
		t.Fatal(err)
	}
	address := (&net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: name.(*unix.SockaddrInet4).Port}).String()
	for range 10 {
		c, err := net.DialTimeout("tcp", address, 200*time.Millisecond)
		if err != nil {
			return address
		}
		t.Cleanup(func() { c.Close() })
	}
	t.Fatal("the queue does not get full")
	return ""
}

// What a server does not have, or not as it is asked for.
func TestFailuresToFind(t *testing.T) {
	dir := t.TempDir()
	for _, d := range []string{"sub", "empty"} {
		if err := os.Mkdir(filepath.Join(dir, d), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for name, size := range map[string]int{"file": 300_000, "tiny": 100} {
		if err := os.WriteFile(filepath.Join(dir, name), randomBytes(size), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	quick := []string{"run", "--quiet", "--time", "5ms", "--repeat", "1"}
	run := func(args ...string) []string { return append(quick[:len(quick):len(quick)], args...) }
	for _, protocol := range protocols {
		url := serve(t, protocol, dir)
		elsewhere := strings.Replace(url("file"), "/bench/", "/nothing/", 1)
		exports := map[string]string{"gluster": "gluster volume status", "nfs3": "showmount -e 127.0.0.1"}[protocol]
		list := func(name string) string {
			if u := url(name); strings.Contains(u, "&") {
				return "uringbench ls '" + u + "'"
			}
			return "uringbench ls " + url(name)
		}
		for _, f := range []failure{
			{"no such volume", []string{"cat", elsewhere}, []string{elsewhere, "opening: "}, exports},
			{"no such volume", []string{"ls", elsewhere}, []string{elsewhere, "connecting: "}, exports},
			{"no such volume", run(elsewhere), []string{elsewhere, "connecting: "}, exports},
			{"no such file", []string{"cat", url("none")}, []string{"none", "opening: ", "no such file"}, list("")},
			{"no such file", []string{"ls", url("none")}, []string{"none", "looking: ", "no such file"}, list("")},
			{"no such file", run(url("none")), []string{"none", "looking: ", "no such file"}, list("")},
			{"no such file", []string{"chaos", "--quiet", url("none")}, []string{"none", "looking: ", "no such file"}, list("")},
			{"a directory", []string{"cat", url("sub")}, []string{"sub", "opening: ", "is a directory"}, list("sub")},
			{"a file on the way", []string{"cat", url("file/x")}, []string{"file/x", "opening: "}, list("file/")},
			{"smaller than a block", run("--bs", "4k", url("tiny")), []string{url("tiny"), "100 B", "4 KiB"}, "smaller blocks with --bs"},
			{"an empty directory", run(url("empty")), []string{url("empty"), "no file"}, "a file"},
			{"nothing large enough", run("--bs", "1m", url("")), []string{url(""), "no file of at least 1 MiB"}, "a file"},
		} {
			f.name = protocol + ": " + f.name
			f.check(t)
		}
	}
}

// Files and addresses of this machine.
func TestFailuresHere(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, []byte("text"), 0o644); err != nil {
		t.Fatal(err)
	}
	taken := listen(t).Addr().String()
	run := []string{"--quiet", "--time", "5ms", "--repeat", "1", "--size", "4m", "--bs", "4k", "--depth", "1"}
	for _, f := range []failure{
		{"no such directory", []string{"--json", dir + "/none/x"}, []string{"--json: ", dir + "/none/x"}, "a directory that exists"},
		{"a directory", []string{"--json", dir}, []string{"--json: ", dir}, "the name of a file in it"},
		{"a file on the way", []string{"chaos", "--json", file + "/x"}, []string{"--json: ", file + "/x"}, "a directory that exists"},
		{"no room", append(run, "--json", "/dev/full"), []string{"writing: ", "/dev/full", "no space left"}, "a place with room"},
		{"no such report", []string{"diff", dir + "/none", dir + "/none"}, []string{"reading a report: ", dir + "/none", "no such file"}, "a file that uringbench wrote with --json"},
		{"a directory", []string{"report", dir}, []string{"reading a report: ", dir, "is a directory"}, "a file that uringbench wrote with --json"},
		{"no report", []string{"report", file}, []string{"reading a report: ", file}, "a file that uringbench wrote with --json"},
		{"nothing to serve", []string{"serve", "--dir", dir + "/none"}, []string{"--dir: ", dir + "/none"}, "a directory that exists"},
		{"a file to serve", []string{"serve", "--dir", file}, []string{"--dir: ", file}, "a directory that exists"},
		{"port in use", []string{"serve", "--dir", dir, "--listen", taken}, []string{"--listen: ", taken, "in use"}, "another port, or port 0"},
		{"no address of ours", []string{"serve", "--dir", dir, "--listen", "203.0.113.7:0"}, []string{"--listen: ", "203.0.113.7"}, "an address of this machine"},
		{"no port", []string{"serve", "--dir", dir, "--listen", "127.0.0.1:99999"}, []string{"--listen: ", "99999"}, "an address and a port"},
	} {
		cmd := command(t, f.args...)
		f.checkCommand(t, cmd) // run shows its tables, too
	}
}

// A stdout that is full is a failure; one that nobody reads ends the command without a
// word, as it does others.
func TestFailuresToWrite(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "file"), randomBytes(3<<20), 0o644); err != nil {
		t.Fatal(err)
	}
	url := serve(t, "gluster", dir)
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer full.Close()
	run := []string{"--quiet", "--time", "5ms", "--repeat", "1", "--size", "4m", "--bs", "4k", "--depth", "1"}
	for i, args := range [][]string{
		{"cat", url("file")}, {"ls", url("")}, {"probe"}, run, {"probe", "--json"}, append(run, "--json", "-"),
		{"chaos", "--quiet", "--time", "100ms", "--protocol", "nfs3", "--size", "1m"}, {"serve", "--dir", dir},
	} {
		cmd := command(t, args...)
		cmd.Stdout = full
		failure{"no room", args, []string{"stdout", "no space left"}, "a place with room"}.checkCommand(t, cmd)

		if i >= 4 {
			continue // it is the same for all
		}
		r, w, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		r.Close()
		cmd = command(t, args...)
		stderr := &strings.Builder{}
		cmd.Stdout, cmd.Stderr = w, stderr
		err = cmd.Run()
		w.Close()
		status := cmd.ProcessState.Sys().(syscall.WaitStatus)
		if !status.Signaled() || status.Signal() != syscall.SIGPIPE || strings.Contains(stderr.String(), "uringbench: ") {
			t.Errorf("%s, and nobody reads: %v\n%s", strings.Join(args, " "), err, stderr)
		}
	}
}

// io_uring is insisted on, and forbidden.
func TestFailuresForbidden(t *testing.T) {
	if !seccomp.InChild(t, asCommand+"=") {
		return
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "file"), []byte("text"), 0o644); err != nil {
		t.Fatal(err)
	}
	url := serve(t, "gluster", dir)("file")
	seccomp.Refuse(t, unix.EPERM, seccomp.Setup)
	for _, args := range [][]string{{"cat", "--engine", "uring", url}, {"ls", "--engine", "uring", url}, {"--engine", "uring"}, {"chaos", "--quiet", "--engine", "uring"}} {
		failure{"forbidden", args, []string{"io_uring is forbidden here"}, "--engine poller; uringbench probe says"}.check(t)
	}
}

// Too little memory may be locked: for the queues, or for the buffers.
func TestFailuresOfMemlock(t *testing.T) {
	if os.Geteuid() != 0 {
		skip.For(t, skip.Machine, "becomes another user, which takes root")
	}
	if _, err := bench.EngineHere(transport.EngineURing); err != nil {
		skip.Forbidden(t, err)
	}
	// What is locked is counted by user: this one is nobody else's.
	nobody := 100_000 + rand.Uint32N(1<<30)
	run := "--quiet --time 5ms --repeat 1 --size 4m --bs 128k --depth 16"
	for limit, f := range map[string]failure{
		"0":    {"queues", strings.Fields("--engine uring " + run), []string{"engine uring", "RLIMIT_MEMLOCK"}, "a larger ulimit -l"},
		"1024": {"buffers", strings.Fields("--engine uring --fixed=true " + run), []string{"registering", "RLIMIT_MEMLOCK"}, "a larger ulimit -l"},
	} {
		cmd := command(t, f.args...)
		cmd.Args = append([]string{"sh", "-c", "ulimit -l " + limit + ` && exec /proc/self/fd/3 "$@"`, "sh"}, cmd.Args[1:]...)
		cmd.Path = "/bin/sh"
		self, err := os.Open("/proc/self/exe")
		if err != nil {
			t.Fatal(err)
		}
		defer self.Close()
		cmd.ExtraFiles = []*os.File{self}
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
		cmd.Dir = "/"
		f.checkCommand(t, cmd)
	}
}

// A server that dies while bytes are compared, in whichever way that is.
func TestServerDiesEarly(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "file"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(filepath.Join(dir, "file"), 8<<30); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ protocol, size, while, step string }{
		{"gluster", "4g", "reading the files by other means", "reading the file over a plain connection"},
		{"nfs3", "512m", "comparing bytes", "comparing bytes"},
	} {
		server := command(t, "serve", "--dir", dir, "--protocol", c.protocol)
		url := started(t, server)("file")
		cmd := command(t, url, "--size", c.size, "--files", "1", "--time", "20s", "--repeat", "1", "--bs", "4k", "--depth", "1")
		said := followUntil(t, cmd, c.while, func() {
			time.Sleep(20 * time.Millisecond) // into it
			server.Process.Kill()
			server.Wait()
		})
		failure{c.protocol + ", " + c.while, cmd.Args[1:], []string{url, c.step}, "whether the server"}.checkSaid(t, cmd.ProcessState.ExitCode(), said)
	}
}

// A file that becomes shorter than it was when it was looked at.
func TestFileIsTruncated(t *testing.T) {
	dir := t.TempDir()
	first, second := filepath.Join(dir, "a"), filepath.Join(dir, "b")
	fill := func() {
		for _, name := range []string{first, second} {
			if err := os.WriteFile(name, randomBytes(4<<20), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	fill()
	for _, protocol := range protocols {
		url := serve(t, protocol, dir)
		for _, c := range []struct{ engine, while, step string }{
			{"uring", "measuring 1", "4 KiB × 8, uring direct: "}, {"netconn", "measuring 1", "4 KiB × 8, netconn direct: "}, {"uring", "comparing bytes", "uring direct: "},
		} {
			if c.engine == "netconn" && protocol == "nfs3" {
				continue // it reads one file
			}
			cmd := command(t, url(""), "--engine", c.engine, "--time", "30s", "--repeat", "1", "--bs", "4k", "--depth", "8", "--placement", "direct")
			said := followUntil(t, cmd, c.while, func() {
				if err := os.Truncate(second, 1<<20); err != nil {
					t.Fatal(err)
				}
			})
			failure{protocol + ", " + c.while, cmd.Args[1:], []string{c.step, url("b") + ": it ends early: of ", " bytes at offset ", " there are "},
				"whether somebody truncated the file; uringbench ls "}.checkSaid(t, cmd.ProcessState.ExitCode(), said)
			if strings.Contains(said, url("a")) {
				t.Errorf("it names another file\n%s", said)
			}
			fill()
		}
	}
}

// A server that dies under a measurement ends the run at once, and what was measured
// before is there.
func TestServerDies(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "file"), randomBytes(1<<20), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, protocol := range protocols {
		server := command(t, "serve", "--dir", dir, "--protocol", protocol)
		url := started(t, server)("file")
		cmd := command(t, url, "--time", "20s", "--repeat", "1", "--bs", "4k", "--depth", "4")
		said := follow(t, cmd, func() {
			server.Process.Kill()
			server.Wait()
		})
		failure{protocol, cmd.Args[1:], []string{"reading: ", url, "4 KiB × 4", "ended: "}, "whether the server"}.checkSaid(t, cmd.ProcessState.ExitCode(), said)
		if took := cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(); took > 15*time.Second {
			t.Errorf("it went on for %v", took)
		}
	}
}
