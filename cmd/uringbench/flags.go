package main

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/ringreadv/ringreadv/bench"
	"github.com/ringreadv/ringreadv/transport"
	"github.com/spf13/cobra"
)

// engineFlag is --engine of commands that read in one way.
func engineFlag(cmd *cobra.Command, engine *string) {
	cmd.Flags().StringVar(engine, "engine", transport.EngineAuto.String(),
		"uring: by io_uring; poller: by Go's poller; auto: the first of them that can be")
	completeOne(cmd, "engine", engineWords...)
}

// timeoutFlag is --timeout of commands that ask a server once.
func timeoutFlag(cmd *cobra.Command, timeout *time.Duration) {
	cmd.Flags().DurationVar(timeout, "timeout", 30*time.Second, "how long the server may take to answer")
	completeNothing(cmd, "timeout")
}

// rateFlag is the value of --rate; 0, which nobody can say, is that there is none.
type rateFlag int

func (r *rateFlag) Set(s string) error {
	v, err := strconv.Atoi(s)
	if err != nil || v < 1 {
		return errors.New("want whole reads per second, 1 at least")
	}
	*r = rateFlag(v)
	return nil
}

func (r *rateFlag) String() string { return strconv.Itoa(int(*r)) }
func (r *rateFlag) Type() string   { return "int" }

// goSays is how Go puts that a text is no number.
var goSays = regexp.MustCompile(`strconv\.Parse(\w+): parsing ".*": .*`)

// inWords puts a flag's error into words of those who use it.
func inWords(err error) error {
	found := goSays.FindStringSubmatch(err.Error())
	if found == nil {
		return err
	}
	want := map[string]string{"Int": "a whole number", "Uint": "a whole number, 0 or more", "Float": "a number", "Bool": "true or false"}[found[1]]
	if want == "" {
		return err
	}
	return errors.New(goSays.ReplaceAllLiteralString(err.Error(), "want "+want))
}

// between puts values between commas, as list reads them.
func between[T any](values []T, text func(T) string) string {
	var words []string
	for _, v := range values {
		words = append(words, text(v))
	}
	return strings.Join(words, ",")
}

// list reads what a flag has between commas.
func list[T any](flag, value string, parse func(string) (T, error)) ([]T, error) {
	l, err := bench.ParseList(value, parse)
	if err != nil {
		return nil, fmt.Errorf("--%s: %w", flag, err)
	}
	return l, nil
}
