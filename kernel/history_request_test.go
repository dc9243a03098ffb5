package kernel

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"swingby/kernel/wire"
)

func TestHistory(t *testing.T) {
	k := startKernel(t, "tcp", nil)
	c := connect(t, k.conn)
	for _, code := range []string{"result 1", "print a", "fail", "result 1", "print b"} {
		c.run(code)
	}
	c.runWith(object{"code": "print hidden", "store_history": false})
	for _, test := range []struct{ request, want string }{
		{`{"hist_access_type":"tail","n":2,"output":false,"raw":true}`, `[[1,4,"result 1"],[1,5,"print b"]]`},
		{`{"hist_access_type":"tail","n":2,"output":true,"raw":true}`, `[[1,4,["result 1","1"]],[1,5,["print b",null]]]`},
		{`{"hist_access_type":"range","session":0,"start":2,"stop":4}`, `[[1,2,"print a"],[1,3,"fail"]]`},
		{`{"hist_access_type":"range","session":1,"start":5,"stop":null}`, `[[1,5,"print b"]]`},
		{`{"hist_access_type":"range","session":-1,"start":1}`, `[]`},
		{`{"hist_access_type":"search","pattern":"result*"}`, `[[1,1,"result 1"],[1,4,"result 1"]]`},
		{`{"hist_access_type":"search","pattern":"result*","unique":true}`, `[[1,4,"result 1"]]`},
		{`{"hist_access_type":"search","pattern":"print ?","n":1}`, `[[1,5,"print b"]]`},
		{`{"hist_access_type":"search","pattern":"print [^b]"}`, `[[1,2,"print a"]]`},
		{`{"hist_access_type":"search","pattern":"print ["}`, `[]`},
	} {
		id := c.send(wire.Shell, "history_request", json.RawMessage(test.request))
		m := c.reply(wire.Shell, id)
		got, _ := json.Marshal(field[[]any](t, m, "history"))
		if string(got) != test.want {
			t.Errorf("%s:\n got %s\nwant %s", test.request, got, test.want)
		}
	}
}

// A history file outlives its kernel; without one that can be used the kernel goes on.
func TestHistoryFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "history")
	cells := func(c *client, request string) string {
		t.Helper()
		got, _ := json.Marshal(field[[]any](t, c.reply(wire.Shell, c.send(wire.Shell, "history_request", json.RawMessage(request))), "history"))
		return string(got)
	}
	const all = `{"hist_access_type":"tail","n":10,"output":true,"raw":true}`
	for _, test := range []struct{ path, code, want string }{
		{file, "result 1", `[[1,1,["result 1","1"]]]`},
		{file, "print 2", `[[1,1,["result 1","1"]],[2,1,["print 2",null]]]`},
		{filepath.Join(file, "not"), "print 3", `[[1,1,["print 3",null]]]`},
	} {
		k := startKernelWith(t, connection(t, "ipc"), Options{History: test.path})
		c := connect(t, k.conn)
		c.run(test.code)
		if got := cells(c, all); got != test.want {
			t.Errorf("%s: %s, want %s", test.code, got, test.want)
		}
		if told := strings.Contains(k.log.String(), "history"); told != (test.path != file) {
			t.Errorf("log %q", k.log)
		}
		k.cancel()
		k.wait(t)
	}
}
