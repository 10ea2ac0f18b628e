package main

import (
	"strings"
	"testing"
)

// well is what a guest says in which uringbench did all that it should.
func well() *said {
	s := &said{release: "6.12.117+deb13-cloud-amd64", jobs: make(map[string]*jobOutput)}
	says := func(name, text string) { s.jobs[name] = &jobOutput{ended: true, text: []byte(text)} }
	says(jobServe, "gluster://…\n")
	says(jobProbe, `noise {"features":[{"name":"io_uring","since":"5.1","answer":"yes","use":"used"},
		{"name":"RECV into a registered buffer","since":"7.2","answer":"no"}]}`)
	says(jobForbidden, `{"features":[{"name":"io_uring","answer":"forbidden","error":"likely cause: sysctl kernel.io_uring_disabled is 2"}]}`)
	for _, m := range measurings {
		says(m.name(), `{"runs":[{"block_bytes":4096,"reads":9,"own":{"receives":{"exact":1,"staged":9}},"verified":true}]}`)
	}
	for _, c := range copyings {
		s.jobs[c.name()] = &jobOutput{ended: true, digest: knownDigest()}
	}
	return s
}

// judged is what is found to be wrong.
func judged(s *said) string {
	r := &result{release: s.release}
	r.judgeBench(s)
	r.checkLacking(s)
	return strings.Join(r.wrong, "\n")
}

func TestJudgeBench(t *testing.T) {
	if wrong := judged(well()); wrong != "" {
		t.Error(wrong)
	}
	cat := copyings[0].name()
	for name, c := range map[string]struct {
		change func(*said)
		want   string
	}{
		"other bytes":      {func(s *said) { s.jobs[cat].digest = strings.Repeat("0", 64) }, cat + ": WRONG BYTES"},
		"no bytes":         {func(s *said) { s.jobs[cat].digest = "" }, cat + ": WRONG BYTES"},
		"not copied":       {func(s *said) { delete(s.jobs, cat) }, cat + ": it did not end"},
		"copied in part":   {func(s *said) { s.jobs[cat].err = "exit status 1" }, cat + ": exit status 1"},
		"no server":        {func(s *said) { s.jobs[jobServe].err = "EOF" }, jobServe + ": EOF"},
		"a feature less":   {func(s *said) { s.release = "7.2.1" }, "RECV into a registered buffer: no"},
		"not forbidden":    {func(s *said) { s.jobs[jobForbidden] = s.jobs[jobProbe] }, jobForbidden + ": not forbidden"},
		"not asked":        {func(s *said) { delete(s.jobs, jobForbidden) }, jobForbidden + ": it did not end"},
		"no sysctl":        {func(s *said) { s.jobs[jobForbidden].lacks = "the sysctl" }, jobForbidden + ": not run"},
		"not verified":     {func(s *said) { s.jobs[measurings[0].name()].text = []byte(`{"runs":[{"reads":1}]}`) }, "verified false"},
		"nothing measured": {func(s *said) { s.jobs[measurings[0].name()].text = []byte(`{}`) }, "no measurement"},
		"nothing said":     {func(s *said) { s.jobs[jobProbe].text = nil }, "uringbench said nothing"},
	} {
		s := well()
		c.change(s)
		if wrong := judged(s); !strings.Contains(wrong, c.want) {
			t.Errorf("%s: %q is not among what is wrong: %q", name, c.want, wrong)
		}
	}
}

// An old kernel does not have the sysctl, and is none the worse.
func TestJudgeOldKernel(t *testing.T) {
	s := well()
	s.release = "6.1.0-56-cloud-amd64"
	for name, o := range s.jobs {
		if strings.Contains(name, "disabled") || name == jobForbidden {
			*o = jobOutput{ended: true, lacks: "stat: no such file"}
		}
	}
	if wrong := judged(s); wrong != "" {
		t.Error(wrong)
	}
}
