package page

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"github.com/ringreadv/ringreadv/ci/peers"
	"github.com/ringreadv/ringreadv/ci/skip"
)

// browser is a chromium without a window. Its pages may load themselves and nothing
// else, and have nothing to complain of.
type browser struct {
	ctx context.Context

	mu       sync.Mutex
	requests []string
	said     []string // errors, dialogs, whatever a page writes to the console
}

// open starts one for the test. It ends with the test.
func open(t *testing.T) *browser {
	t.Helper()
	program := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			program = path
			break
		}
	}
	if program == "" {
		const why = "no chromium; install the package chromium"
		if os.Getenv(peers.RequireEnv) == "1" {
			t.Fatalf("%s=1: %s", peers.RequireEnv, why)
		}
		skip.For(t, skip.Machine, why)
	}
	home := t.TempDir()
	// The test's own context ends before its clean-up, and that is to end the browser.
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	t.Cleanup(cancel)
	options := append(chromedp.DefaultExecAllocatorOptions[:], // headless, and no network of its own
		chromedp.ExecPath(program), chromedp.UserDataDir(home), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true),
		// The bus of a desktop is looked for nowhere, and nothing is left in a home.
		chromedp.Env("DBUS_SESSION_BUS_ADDRESS=disabled:", "DBUS_SYSTEM_BUS_ADDRESS=disabled:", "HOME="+home,
			"XDG_CONFIG_HOME="+home, "XDG_CACHE_HOME="+home, "XDG_RUNTIME_DIR="+home),
	)
	ctx, end := chromedp.NewExecAllocator(ctx, options...)
	t.Cleanup(end)
	ctx, _ = chromedp.NewContext(ctx)
	b := &browser{ctx: ctx}
	if err := chromedp.Listen(ctx, b.event); err != nil {
		t.Fatalf("starting %s: %v", program, err)
	}
	t.Cleanup(func() {
		if err := chromedp.Cancel(ctx); err != nil { // waits for it
			t.Errorf("ending %s: %v", program, err)
		}
	})
	return b
}

func (b *browser) event(event any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	say := func(format string, args ...any) { b.said = append(b.said, fmt.Sprintf(format, args...)) }
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		b.requests = append(b.requests, e.Request.URL)
	case *network.EventWebSocketCreated:
		b.requests = append(b.requests, e.URL)
	case *runtime.EventExceptionThrown:
		say("exception: %s", e.ExceptionDetails.Text)
	case *runtime.EventConsoleAPICalled:
		say("console.%s", e.Type)
	case *log.EventEntryAdded:
		say("%s: %s", e.Entry.Level, e.Entry.Text)
	case *page.EventJavascriptDialogOpening:
		say("dialog: %s", e.Message)
	}
}

// load shows a file, as wide as wanted, and looks at it. That done, only the file has
// been asked for, and nobody has complained.
func (b *browser) load(t *testing.T, file string, width int64) (l look) {
	t.Helper()
	b.mu.Lock()
	b.requests, b.said = nil, nil
	b.mu.Unlock()
	err := chromedp.Do(b.ctx, chromedp.EmulateViewport(width, 900), chromedp.Navigate("file://"+file))
	if err == nil {
		l, err = chromedp.Run(b.ctx, chromedp.Evaluate[look](lookJS))
	}
	if err != nil {
		t.Fatal(err)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.requests) != 1 || b.requests[0] != "file://"+file {
		t.Errorf("requests %q, want one, of the file", b.requests)
	}
	if len(b.said) > 0 {
		t.Errorf("the page said:\n%s", strings.Join(b.said, "\n"))
	}
	if len(l.Plots) == 0 {
		t.Fatal("a page without plots")
	}
	return l
}
