package notebook

import (
	"encoding/xml"
	"fmt"
	"path/filepath"
	"strings"
	"time"
)

// JUnit returns verifications as a report in the XML of JUnit, which CI systems
// show: a suite for each notebook and a case for each cell with code. errs are the
// errors of the notebooks that could not be run, by path.
func JUnit(all []*Verification, errs map[string]error) []byte {
	type message struct {
		Message string `xml:"message,attr"`
		Type    string `xml:"type,attr,omitempty"`
		Text    string `xml:",chardata"`
	}
	type testcase struct {
		Name    string   `xml:"name,attr"`
		Class   string   `xml:"classname,attr"`
		Time    string   `xml:"time,attr"`
		Failure *message `xml:"failure"`
		Error   *message `xml:"error"`
		Skipped *message `xml:"skipped"`
	}
	type suite struct {
		Name     string     `xml:"name,attr"`
		Tests    int        `xml:"tests,attr"`
		Failures int        `xml:"failures,attr"`
		Errors   int        `xml:"errors,attr"`
		Skipped  int        `xml:"skipped,attr"`
		Time     string     `xml:"time,attr"`
		Cases    []testcase `xml:"testcase"`
	}
	type report struct {
		XMLName  xml.Name `xml:"testsuites"`
		Tests    int      `xml:"tests,attr"`
		Failures int      `xml:"failures,attr"`
		Errors   int      `xml:"errors,attr"`
		Time     string   `xml:"time,attr"`
		Suites   []suite  `xml:"testsuite"`
	}
	seconds := func(d time.Duration) string { return fmt.Sprintf("%.3f", d.Seconds()) }
	var r report
	var total time.Duration
	for _, v := range all {
		s := suite{Name: v.Path, Tests: len(v.Cells), Failures: v.Count(Differs), Errors: v.Count(Failed), Skipped: v.Count(Skipped), Time: seconds(v.Took)}
		class := strings.TrimSuffix(filepath.Base(v.Path), ".ipynb")
		for _, c := range v.Cells {
			k := testcase{Name: fmt.Sprintf("cell %d: %s", c.Cell+1, c.Head), Class: class, Time: seconds(c.Took)}
			switch c.Status {
			case Differs:
				var what, text []string
				for _, d := range c.Differences {
					what, text = append(what, d.What), append(text, xmlText(d.String()))
				}
				k.Failure = &message{Message: "not what is stored: " + strings.Join(what, ", "), Type: Differs, Text: "\n" + strings.Join(text, "\n") + "\n"}
			case Failed:
				k.Error = &message{Message: xmlText(c.Failure.Error()), Type: xmlText(c.Failure.Cause.Name), Text: xmlText("\n" + stripANSI(strings.Join(c.Failure.Cause.Traceback, "\n")) + "\n")}
			case Skipped:
				k.Skipped = &message{Message: c.Why}
			}
			s.Cases = append(s.Cases, k)
		}
		total += v.Took
		r.Tests, r.Failures, r.Errors = r.Tests+s.Tests, r.Failures+s.Failures, r.Errors+s.Errors
		r.Suites = append(r.Suites, s)
	}
	for _, path := range sortedErrors(errs) {
		r.Tests, r.Errors = r.Tests+1, r.Errors+1
		r.Suites = append(r.Suites, suite{Name: path, Tests: 1, Errors: 1, Time: seconds(0), Cases: []testcase{{
			Name: "notebook", Class: strings.TrimSuffix(filepath.Base(path), ".ipynb"), Time: seconds(0),
			Error: &message{Message: xmlText(errs[path].Error()), Type: "error"},
		}}})
	}
	r.Time = seconds(total)
	out, err := xml.MarshalIndent(r, "", "  ")
	if err != nil {
		panic(err) // only strings and numbers in it
	}
	return append([]byte(xml.Header), append(out, '\n')...)
}

func sortedErrors(errs map[string]error) []string {
	m := map[string]any{}
	for k := range errs {
		m[k] = nil
	}
	return sortedKeys(m)
}

// xmlText is text without the control characters that XML cannot hold.
func xmlText(s string) string {
	return strings.Map(func(r rune) rune {
		if r < 0x20 && r != '\n' && r != '\t' || r == 0xfffe || r == 0xffff {
			return '\ufffd'
		}
		return r
	}, s)
}

// WriteFile puts data into a file, whole or not at all, as notebooks are written.
func WriteFile(path string, data []byte) error { return writeFile(path, data) }
