"""Every message of the protocol, on its channel, with the exact types of its fields.

raw.Client holds each message that arrives against schemas.py, so most tests need only cause it.
"""

import json
import os
import pathlib
import signal
import sys
import time

import jsonschema

import raw
import schemas


class Requests(raw.Case):
    def test_kernel_info(self):
        for channel in ("shell", "control"):
            info = self.client.ask(channel, "kernel_info_request").content
            self.assertEqual(info["protocol_version"], "5.5")
            self.assertEqual(info["language_info"]["mimetype"], "text/x-go")
            self.assertEqual(info["supported_features"], ["kernel subshells"])
            self.assertIs(info["debugger"], False)

    def test_debug(self):
        """Who asks for a debugger is told that there is none, also while a cell runs."""
        running = self.begin("for {}")
        reply = self.client.ask("control", "debug_request", {"type": "request", "seq": 3, "command": "initialize", "arguments": {}}).content
        self.assertEqual((reply["request_seq"], reply["command"], reply["success"]), (3, "initialize", False))
        self.assertIn("no debugger", reply["message"])
        self.client.ask("control", "interrupt_request")
        self.client.reply(running)

    def test_connect(self):
        ports = self.client.ask("shell", "connect_request").content
        for name in schemas.PORTS:
            self.assertEqual(ports[name], self.info[name])

    def test_execute(self):
        reply, out = self.ok("x := 6\nx * 7")
        self.assertEqual([(m.kind, m.content.get("execution_count")) for m in out], [("execute_result", 1)])
        self.assertIn("started", reply.metadata)
        self.assertEqual(reply.content["payload"], [])
        reply, out = self.client.run('panic("as asked")')
        self.assertEqual([m.kind for m in out], ["error"])
        for name in ("ename", "evalue", "traceback"):
            self.assertEqual(reply.content[name], out[0].content[name])
        self.assertEqual(reply.content["execution_count"], 2)

    def test_user_expressions(self):
        reply, _ = self.ok("x := 5", user_expressions={
            "good": "x * 2", "undefined": "nowhere", "syntax": "1 +", "panics": "[]int{}[x]", "figure": 'display.HTML("<b>b</b>")',
            "nothing": "",
        })
        got = reply.content["user_expressions"]
        self.assertEqual({n: e["status"] for n, e in got.items()}, {
            "good": "ok", "undefined": "error", "syntax": "error", "panics": "error", "figure": "ok", "nothing": got["nothing"]["status"]})
        self.assertEqual(got["good"]["data"]["text/plain"], "10")
        self.assertEqual(got["figure"]["data"]["text/html"], "<b>b</b>")
        self.assertIn("index out of range", got["panics"]["evalue"])
        # They are not evaluated after a failure.
        reply, _ = self.client.run('panic("no")', user_expressions={"x": "x"})
        self.assertEqual(reply.content["user_expressions"], {})

    def test_payload(self):
        reply, _ = self.ok("?strings.ToUpper")
        self.assertEqual([p["source"] for p in reply.content["payload"]], ["page"])
        self.assertIn("ToUpper", reply.content["payload"][0]["data"]["text/plain"])
        path = os.path.join(self.folder, "cell.go")
        with open(path, "w") as f:
            f.write("y := 1\n")
        reply, _ = self.ok(f"%load {path}")
        payload = reply.content["payload"][0]
        self.assertEqual((payload["source"], payload["replace"]), ("set_next_input", True))
        self.assertIn("y := 1", payload["text"])

    def test_code_requests(self):
        c = self.client
        got = c.ask("shell", "complete_request", {"code": "strings.ToUpp", "cursor_pos": 13}).content
        self.assertIn("ToUpper", got["matches"])
        self.assertEqual((got["cursor_start"], got["cursor_end"]), (8, 13))
        # Positions are in code points: behind one that needs two units in UTF-16 and four bytes in UTF-8.
        code = '_ = "\U0001d4b3"; strings.ToUpp'
        got = c.ask("shell", "complete_request", {"code": code, "cursor_pos": len(code)}).content
        self.assertEqual(got["cursor_end"], len(code))
        self.assertIn("ToUpper", got["matches"])
        for detail in (0, 1):
            got = c.ask("shell", "inspect_request", {"code": "fmt.Println", "cursor_pos": 5, "detail_level": detail}).content
            self.assertTrue(got["found"])
            self.assertIn("text/plain", got["data"])
        got = c.ask("shell", "inspect_request", {"code": "   ", "cursor_pos": 1}).content
        self.assertEqual((got["found"], got["data"]), (False, {}))
        for code, want in {"1 + 1": "complete", "for {": "incomplete", ") + 1": "invalid"}.items():
            self.assertEqual(c.ask("shell", "is_complete_request", {"code": code}).content["status"], want)

    def test_comm_info(self):
        for content in ({}, {"target_name": "jupyter.widget"}):
            self.assertEqual(self.client.ask("shell", "comm_info_request", content).content["comms"], {})

    def test_shutdown(self):
        for channel, restart in (("control", True), ("shell", False)):
            with self.subTest(channel=channel):
                if channel == "shell":
                    self.launch()
                msg_id = self.client.send(channel, "shutdown_request", {"restart": restart})
                self.assertIs(self.client.reply(msg_id, channel).content["restart"], restart)
                self.assertEqual([m.kind for m in self.client.outputs(msg_id)], ["shutdown_reply"])
                self.manager.provisioner.process.wait(raw.TIMEOUT)
                self.assertEqual(self.manager.provisioner.process.returncode, 0)

    def test_wrong_types(self):
        """A field of the wrong type is an error reply that names it, on either channel, and costs nothing else."""
        for channel, kind, content, field in (
            ("shell", "execute_request", {"code": None, "silent": 3}, "silent"),
            ("shell", "execute_request", {"code": ["1"]}, "code"),
            ("shell", "execute_request", {"code": "1", "user_expressions": {"a": {}}}, "user_expressions"),
            ("shell", "execute_request", {"code": "1", "store_history": "yes"}, "store_history"),
            ("shell", "complete_request", {"code": "x", "cursor_pos": 1.5}, "1.5"),
            ("shell", "inspect_request", {"code": "x", "detail_level": "all"}, "all"),
            ("shell", "history_request", {"hist_access_type": 1}, "hist_access_type"),
            ("control", "shutdown_request", {"restart": "no"}, "restart"),
            ("control", "delete_subshell_request", {"subshell_id": []}, "subshell_id"),
        ):
            msg_id = self.client.send(channel, kind, content)
            reply = self.client.reply(msg_id, channel).content
            self.assertEqual(reply["status"], "error", f"{kind} {content}")
            self.assertIn(field, reply["evalue"])
            self.client.outputs(msg_id)
        self.usable()


class Cells(raw.Case):
    def test_stop_on_error(self):
        ids = [self.client.execute(code) for code in ('time.Sleep(500 * time.Millisecond)\npanic("no")', "1", "2")]
        info = self.client.send("shell", "kernel_info_request")
        replies = [self.client.reply(i) for i in ids]
        self.assertEqual([r.content["status"] for r in replies], ["error", "aborted", "aborted"])
        self.assertTrue(all("started" in r.metadata for r in replies))
        self.assertEqual(self.client.reply(info).content["status"], "ok", "what is no cell is not aborted")
        ids = [self.client.execute(code, stop_on_error=False) for code in ('time.Sleep(200 * time.Millisecond)\npanic("no")', "1")]
        self.assertEqual([self.client.reply(i).content["status"] for i in ids], ["error", "ok"])
        # What a client asks for silently, its user does not see fail: it stops no cells, as with ipykernel.
        ids = [self.client.execute(code, silent=silent) for code, silent in (('time.Sleep(200 * time.Millisecond)\npanic("no")', True), ("1", False))]
        self.assertEqual([self.client.reply(i).content["status"] for i in ids], ["error", "ok"])

    def test_display(self):
        _, out = self.ok('h := display.Show(display.HTML("<b>1</b>"), 2.5)\nh.Update(display.HTML("<b>3</b>"))\ndisplay.Clear(true)\n4;')
        self.assertEqual([m.kind for m in out], ["display_data", "display_data", "update_display_data", "clear_output"])
        self.assertEqual(out[2].content["transient"], out[0].content["transient"])
        self.assertNotEqual(out[1].content["transient"], out[0].content["transient"])
        self.assertEqual([m.content["wait"] for m in out[3:]], [True])
        # A later cell updates what an earlier one has shown, and its own parent is what the message names.
        _, later = self.ok('h.Update("five");\ndisplay.Clear(false)')
        self.assertEqual([m.kind for m in later], ["update_display_data", "clear_output"])
        self.assertEqual(later[0].content["transient"], out[0].content["transient"])
        self.assertIs(later[1].content["wait"], False)

    def test_formats(self):
        """Each format arrives as its clients expect it: JSON as JSON, all else as text."""
        _, out = self.ok(
            'display.Show(display.JSON(map[string]int{"a": 1}), display.Markdown("*m*"), display.LaTeX("x^2"), '
            'display.SVG(`<svg xmlns="http://www.w3.org/2000/svg"/>`), display.JavaScript("1"), []float64{1, math.NaN(), math.Inf(1)}, nil, error(nil))')
        data = [m.content["data"] for m in out]
        self.assertEqual(data[0]["application/json"], {"a": 1})
        self.assertEqual([next(iter(d)) for d in data[1:5]], ["text/markdown", "text/latex", "image/svg+xml", "application/javascript"])

    def test_stdin(self):
        c = self.client
        msg_id = c.execute('fmt.Print("who? ")\nvar name string\nfmt.Scanln(&name)\npin, err := display.Password("PIN: ")\nname + pin', allow_stdin=True)
        request = c.wait("stdin", parent=msg_id)
        self.assertEqual(request.content, {"prompt": "", "password": False})
        self.assertEqual(c.wait("iopub", "stream", msg_id).content["text"], "who? ", "the prompt is printed first")
        c.send("stdin", "input_reply", {"value": "Gau\u00df"})
        request = c.wait("stdin", parent=msg_id)
        self.assertEqual(request.content, {"prompt": "PIN: ", "password": True})
        c.send("stdin", "input_reply", {"value": "1234"})
        self.assertEqual(c.reply(msg_id).content["status"], "ok")
        result = c.wait("iopub", "execute_result", msg_id)
        self.assertEqual(result.content["data"]["text/plain"], '"Gau\u00df1234"')
        # Refused, interrupted, ended, and answered by nonsense.
        for code in ("var s string\n_, err := fmt.Scanln(&s)\nerr", 'display.Prompt("?")'):
            _, out = self.ok(code, allow_stdin=False)
            self.assertIn("allow_stdin", str(out[-1].content))
        msg_id = c.execute('display.Prompt("?")', allow_stdin=True)
        c.wait("stdin", parent=msg_id)
        c.ask("control", "interrupt_request")
        c.reply(msg_id)
        self.assertIn("interrupt", str(c.outputs(msg_id)))
        for value, want in (("\x04", "EOF"), (5, "value")):
            msg_id = c.execute('display.Prompt("?")', allow_stdin=True)
            c.wait("stdin", parent=msg_id)
            c.send("stdin", "input_reply", {"value": value})
            c.reply(msg_id)
            self.assertIn(want, str(c.outputs(msg_id)))
        # As a file, too; what one cell leaves of its line is not the next one's.
        for code, answers, want in (
            ("var n int\nfmt.Scan(&n)\nn", ["5 and more"], "5"),
            ("bufio.NewReader(os.Stdin).ReadString('\\n')", ["a line"], "`a line\n`\nnil"),
            ("sum := 0\nfor sc := bufio.NewScanner(os.Stdin); sc.Scan(); { k, _ := strconv.Atoi(sc.Text()); sum += k }\nsum", ["1", "2", "\x04"], "3"),
        ):
            msg_id = c.execute(code, allow_stdin=True)
            for answer in answers:
                self.assertEqual(c.wait("stdin", parent=msg_id).content, {"prompt": "", "password": False})
                c.send("stdin", "input_reply", {"value": answer})
            self.assertEqual(c.reply(msg_id).content["status"], "ok")
            self.assertEqual(c.wait("iopub", "execute_result", msg_id).content["data"]["text/plain"], want)
        # Two that ask at once are answered one after the other.
        msg_id = c.execute(
            'var all sync.WaitGroup\nanswers := make([]string, 2)\nfor i := range 2 { all.Go(func() { answers[i], _ = display.Prompt(strconv.Itoa(i)) }) }\n'
            'all.Wait()\nanswers', allow_stdin=True)
        asked = []
        for _ in range(2):
            asked.append(c.wait("stdin", parent=msg_id).content["prompt"])
            with self.assertRaises(TimeoutError):
                c.wait("stdin", parent=msg_id, timeout=0.2)
            c.send("stdin", "input_reply", {"value": "to " + asked[-1]})
        self.assertEqual(sorted(asked), ["0", "1"])
        c.reply(msg_id)
        self.assertIn('{"to 0", "to 1"}', str(c.outputs(msg_id)))
        self.usable()

    def test_stdin_that_comes_late(self):
        """A prompt waits for the channel it goes to, so that the first cell of a client that has just come is not left waiting."""
        for after in ("the request", "an interrupt"):
            c = self.client = self.connect(("shell", "control", "iopub"))
            msg_id = c.execute('fmt.Println("begun")\ndisplay.Prompt("?")', allow_stdin=True)
            c.wait("iopub", "stream", msg_id)
            if after == "an interrupt":
                c.ask("control", "interrupt_request")
                c.reply(msg_id)
                self.assertIn("interrupt", str(c.outputs(msg_id)))
                self.usable()
                continue
            with self.assertRaises(TimeoutError):
                c.reply(msg_id, timeout=0.3)
            c.open("stdin")
            self.assertEqual(c.wait("stdin", parent=msg_id).content["prompt"], "?")
            c.send("stdin", "input_reply", {"value": "late"})
            self.assertEqual(c.reply(msg_id).content["status"], "ok")
            self.assertIn("late", str(c.outputs(msg_id)))

    def test_control_while_busy(self):
        self.ok("kept := 7")
        msg_id = self.begin("for {}")
        self.assertEqual(self.client.ask("control", "kernel_info_request").content["status"], "ok")
        self.assertEqual(self.client.ask("control", "interrupt_request").content, {"status": "ok"})
        self.assertEqual(self.client.reply(msg_id).content["ename"], "interrupted")
        self.assertEqual(self.printed("fmt.Print(kept)"), "7")

    def test_welcome(self):
        """Every subscriber is welcomed, with the topic it asked for, before anything else."""
        self.begin("time.Sleep(time.Second)")
        socket = raw.zmq.Context.instance().socket(raw.zmq.SUB)
        self.addCleanup(socket.close, 0)
        socket.connect(f"tcp://{self.info['ip']}:{self.info['iopub_port']}")
        socket.subscribe(b"")
        self.assertTrue(socket.poll(raw.TIMEOUT * 1000))
        m = raw.Message("iopub", socket.recv_multipart())
        self.assertEqual((m.kind, m.content, m.parent), ("iopub_welcome", {"subscription": ""}, {}))

    def test_streams_are_gathered(self):
        """Lines come in few messages, all of them before idle, and in the order of other outputs."""
        _, out = self.ok('for i := range 20000 { fmt.Println(i) }\ndisplay.Show("shown")\nfmt.Fprintln(os.Stderr, "e")\n"result"')
        kinds = [(m.kind, m.content.get("name")) for m in out]
        self.assertEqual(kinds[-3:], [("display_data", None), ("stream", "stderr"), ("execute_result", None)])
        self.assertEqual("".join(m.content["text"] for m in out[:-3]), "".join(f"{i}\n" for i in range(20000)))
        self.assertLess(len(out), 200)

    def test_goroutine_output(self):
        """What a goroutine prints after its cell has ended belongs to the cell that ran last."""
        first = self.client.execute('go func() { time.Sleep(700 * time.Millisecond); fmt.Println("late") }()')
        self.client.reply(first)
        m = self.client.wait("iopub", "stream", accept=lambda m: "late" in m.content["text"])
        self.assertEqual(m.parent["msg_id"], first)


class Subshells(raw.Case):
    def test_subshells(self):
        c = self.client
        first = c.ask("control", "create_subshell_request").content["subshell_id"]
        second = c.ask("control", "create_subshell_request").content["subshell_id"]
        self.assertEqual(c.ask("control", "list_subshell_request").content["subshell_id"], [first, second])
        self.ok("x := strings.Builder{}")
        running = self.begin("for {}")
        # While a cell runs, a subshell answers.
        got = c.ask("shell", "complete_request", {"code": "x.WriteS", "cursor_pos": 8}, subshell_id=first).content
        self.assertIn("WriteString", got["matches"])
        got = c.ask("shell", "inspect_request", {"code": "x.WriteString", "cursor_pos": 8}, subshell_id=second).content
        self.assertTrue(got["found"])
        self.assertEqual(c.ask("shell", "is_complete_request", {"code": "{"}, subshell_id=first).content["status"], "incomplete")
        # Its cells wait for the interpreter.
        waiting = c.execute("40 + 2", subshell_id=first)
        with self.assertRaises(TimeoutError):
            c.reply(waiting, timeout=0.3)
        c.ask("control", "interrupt_request")
        self.assertEqual(c.reply(running).content["status"], "error")
        self.assertEqual(c.reply(waiting).content["execution_count"], 3)
        # A subshell that is gone, or never was, is an error; a request without a reply ends with idle.
        c.ask("control", "delete_subshell_request", {"subshell_id": first})
        for subshell in (first, "never"):
            reply = c.ask("shell", "execute_request", {"code": "1"}, subshell_id=subshell).content
            self.assertEqual(reply["status"], "error")
            c.outputs(c.send("shell", "comm_msg", {"comm_id": "c", "data": {}}, subshell_id=subshell))
        self.assertEqual(c.ask("control", "list_subshell_request").content["subshell_id"], [second])
        self.usable()


class History(raw.Case):
    def ask(self, kind, **options):
        content = {"hist_access_type": kind, "output": False, "raw": True, **options}
        return self.client.ask("shell", "history_request", content).content["history"]

    def restart(self, how):
        how()
        self.manager.provisioner.process.wait(raw.TIMEOUT)
        self.manager.restart_kernel(now=True)
        self.client = self.connect()

    def test_restarts(self):
        """History outlives kernels, whether they are asked to end or killed."""
        self.ok("1 + 1")
        self.ok("two := 2")
        self.restart(lambda: self.client.send("control", "shutdown_request", {"restart": True}))
        self.ok("3;")
        self.assertEqual(self.ask("tail", n=2), [[1, 2, "two := 2"], [2, 1, "3;"]])
        while "3;" not in pathlib.Path(self.history_file).read_text():  # cells are written beside the reply, not before it
            time.sleep(0.02)
        if sys.platform != "win32":
            self.restart(lambda: os.kill(self.pid, signal.SIGKILL))
            self.ok("4;")
            self.assertEqual(self.ask("tail", n=2), [[2, 1, "3;"], [3, 1, "4;"]])
            self.assertEqual(self.ask("range", session=-1), [[2, 1, "3;"]])
        self.assertEqual(self.ask("range", session=1, start=1, stop=2, output=True), [[1, 1, ["1 + 1", "2"]]])
        self.assertEqual(self.ask("search", pattern="two*"), [[1, 2, "two := 2"]])
        self.assertIn("// 1/2\ntwo := 2\n", self.printed("%history -g two"))
        self.assertEqual(os.stat(self.history_file).st_mode & 0o777 | (sys.platform == "win32" and 0o777), 0o600 | (sys.platform == "win32" and 0o777))

    def test_several_at_once(self):
        """Kernels that write one history at the same time lose nothing and mix nothing up."""
        kernels, cells = 4, 25
        clients = [self.client]
        for _ in range(kernels - 1):
            self.launch()
            clients.append(self.client)
        for k, c in enumerate(clients):
            c.tag = f"of{k}"
        # All requests are on their way before the first reply is awaited, so all kernels work at once.
        sent = [[c.execute(f'"{c.tag} cell{n}";') for n in range(cells)] for c in clients]
        for c, ids in zip(clients, sent):
            for i in ids:
                self.assertEqual(c.reply(i).content["status"], "ok")
        for k, c in enumerate(clients):  # each knows its own, last
            content = {"hist_access_type": "range", "output": False, "raw": True, "session": 0}
            own = c.ask("shell", "history_request", content).content["history"]
            self.assertEqual([h[2] for h in own], [f'"of{k} cell{n}";' for n in range(cells)])
            c.reply(c.send("control", "shutdown_request", {"restart": False}), "control")
        self.launch()
        seen = self.ask("tail", n=1000)
        self.assertEqual(len(seen), kernels * cells)
        for k in range(kernels):
            own = [h for h in seen if h[2].startswith(f'"of{k} ')]
            self.assertEqual(len({h[0] for h in own}), 1, "the cells of a kernel are one session")
            self.assertEqual([h[1:] for h in own], [[n + 1, f'"of{k} cell{n}";'] for n in range(cells)])
        self.assertEqual(len({h[0] for h in seen}), kernels)

    def test_unwritable(self):
        """A history that cannot be kept is kept in memory, and said once."""
        self.launch(SWINGBY_HISTORY=os.path.join(self.folder, "log", "history"))  # below a file
        self.ok("1;")
        self.ok("2;")
        self.assertEqual([h[2] for h in self.ask("tail", n=5)], ["1;", "2;"])
        self.assertEqual(self.logged().count("in memory"), 1)


class Schemas(raw.unittest.TestCase):
    """The schemas refuse what they should."""

    HEADER = '{"msg_id": "1", "session": "s", "username": "u", "date": "2026-01-02T03:04:05.000006Z", "msg_type": "%s", "version": "5.5"}'

    def refused(self, channel, kind, content, header=HEADER, parent='{"msg_id": "0"}', metadata="{}"):
        with self.assertRaises(jsonschema.ValidationError, msg=f"{kind} {content}"):
            schemas.check(channel, header.replace("%s", kind), parent, metadata, content)

    def test_refusals(self):
        good = '{"name": "stdout", "text": "t"}'
        schemas.check("iopub", self.HEADER % "stream", "{}", "{}", good)
        self.refused("shell", "stream", good)
        self.refused("iopub", "stream", '{"name": "stdlog", "text": "t"}')
        self.refused("iopub", "stream", '{"name": "stdout", "text": ""}')
        self.refused("iopub", "stream", '{"name": "stdout", "text": "t", "more": 1}')
        self.refused("iopub", "stream", good, metadata='{"more": 1}')
        self.refused("iopub", "stream", good, header=self.HEADER.replace(".000006Z", ""))
        self.refused("shell", "execute_reply", '{"status": "ok", "execution_count": 1.5, "user_expressions": {}, "payload": []}')
        self.refused("shell", "execute_reply", '{"status": "abort"}')
        self.refused("shell", "history_reply", '{"status": "ok", "history": [[1, "1", "x"]]}')
        self.refused("shell", "history_reply", '{"status": "ok", "history": []}', parent="{}")
        self.refused("iopub", "display_data", '{"data": {"text/html": 5}, "metadata": {}, "transient": {}}')
        self.refused("iopub", "update_display_data", '{"data": {}, "metadata": {}, "transient": {}}')
        # So do the published ones by themselves.
        header, parent = json.loads(self.HEADER % "stream"), {"msg_id": "0"}
        schemas.published(header, parent, {}, {"name": "stdout", "text": "t"})
        with self.assertRaises(jsonschema.ValidationError):
            schemas.published(header, parent, {}, {"name": "stdlog", "text": "t"})


if __name__ == "__main__":
    raw.unittest.main()
