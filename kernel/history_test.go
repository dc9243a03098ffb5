package kernel

import (
	"encoding/json"
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

func TestHistoryIsBounded(t *testing.T) {
	var h memoryHistory
	long := strings.Repeat("x", 1<<20)
	for i := range 100 {
		h.add(historyEntry{Line: i, Input: long, Output: &long})
	}
	if h.size > maxHistory {
		t.Errorf("%d bytes", h.size)
	}
	if e := h.tail(1)[0]; e.Line != 99 || len(*e.Output) > maxHistoryOutput+10 {
		t.Errorf("line %d, output of %d bytes", e.Line, len(*e.Output))
	}
}
