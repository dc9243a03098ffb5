"""Comms and widgets of the installed kernel, driven through jupyter_client as a front end does it."""

import json
import os
import time
import unittest

from test_session import TIMEOUT, Session


class Comms(Session):
    def comm(self, kind, content, buffers=None):
        """Sends a comm message; returns what is published until its idle, and the identity of the message."""
        message = self.client.session.msg(f"comm_{kind}", content)
        self.client.session.send(self.client.shell_channel.socket, message, buffers=buffers)
        return message["header"]["msg_id"], self.published(message["header"]["msg_id"])

    def published(self, msg_id):
        messages = []
        while True:
            message = self.client.get_iopub_msg(timeout=TIMEOUT)
            if message["msg_type"] == "status":
                if message["content"]["execution_state"] == "idle" and message["parent_header"].get("msg_id") == msg_id:
                    return messages
                continue
            messages.append(message)

    def cell(self, code):
        """Runs a cell; returns its identity and all that it publishes, comm messages too."""
        msg_id = self.client.execute(code)
        messages = self.published(msg_id)
        self.assertEqual(self.reply(msg_id)["content"]["status"], "ok")
        return msg_id, messages

    def info(self, **content):
        message = self.client.session.msg("comm_info_request", content)
        self.client.shell_channel.send(message)
        return self.reply(message["header"]["msg_id"])["content"]["comms"]

    def opened(self, messages, model):
        return next(
            m["content"]["comm_id"] for m in messages
            if m["msg_type"] == "comm_open" and m["content"]["data"]["state"]["_model_name"] == model
        )

    def update(self, comm_id, **state):
        return self.comm("msg", {"comm_id": comm_id, "data": {"method": "update", "state": state, "buffer_paths": []}})

    def test_both_ways_with_buffers(self):
        _, messages = self.cell(
            'import "swingby/kernel/comm"\n'
            'comm.Handle("sum", func(c *comm.Comm, open comm.Message) {\n'
            "\tc.OnMessage(func(m comm.Message) {\n"
            "\t\tn := 0\n\t\tfor _, b := range m.Buffers[0] { n += int(b) }\n"
            '\t\tc.Reply(m, map[string]any{"sum": n, "name": m.Data["name"]}, m.Buffers[0], []byte{})\n'
            "\t})\n})"
        )
        self.comm("open", {"comm_id": "one", "target_name": "sum", "data": {}})
        self.assertEqual(self.info(), {"one": {"target_name": "sum"}})
        self.assertEqual(self.info(target_name="another"), {})
        msg_id, messages = self.comm("msg", {"comm_id": "one", "data": {"name": "ü"}}, [bytes(range(256))])
        self.assertEqual([m["msg_type"] for m in messages], ["comm_msg"])
        self.assertEqual(messages[0]["content"], {"comm_id": "one", "data": {"sum": 32640, "name": "ü"}})
        self.assertEqual([bytes(b) for b in messages[0]["buffers"]], [bytes(range(256)), b""])
        self.assertEqual(messages[0]["parent_header"]["msg_id"], msg_id)
        self.comm("close", {"comm_id": "one", "data": {}})
        self.assertEqual(self.info(), {})
        _, messages = self.comm("open", {"comm_id": "two", "target_name": "nobody's", "data": {}})
        self.assertEqual([(m["msg_type"], m["content"]["comm_id"]) for m in messages], [("comm_close", "two")])

    def test_slider(self):
        cell, messages = self.cell(
            "s := widget.NewFloatSlider(0, 10, 5)\n"
            "s.OnChange(func(x float64) { fmt.Println(\"now\", x) })\ns"
        )
        slider = self.opened(messages, "FloatSliderModel")
        view = next(m for m in messages if m["msg_type"] == "execute_result")["content"]["data"]
        self.assertEqual(
            view["application/vnd.jupyter.widget-view+json"],
            {"version_major": 2, "version_minor": 0, "model_id": slider},
        )
        self.assertIn(slider, self.info(target_name="jupyter.widget"))
        msg_id, messages = self.update(slider, value=7.5)
        echo, printed = messages
        self.assertEqual(echo["content"]["data"], {"method": "echo_update", "state": {"value": 7.5}, "buffer_paths": []})
        self.assertEqual(echo["parent_header"]["msg_id"], msg_id)
        self.assertEqual(printed["content"]["text"], "now 7.5\n")
        self.assertEqual(printed["parent_header"]["msg_id"], cell, "the output is that of the cell")
        self.assertEqual(self.ok("s.Value()").results, ["7.5"])
        # A page that is loaded again asks for all.
        self.comm("open", {"comm_id": "control", "target_name": "jupyter.widget.control", "data": {}})
        _, messages = self.comm("msg", {"comm_id": "control", "data": {"method": "request_states"}})
        states = messages[0]["content"]["data"]["states"]
        self.assertEqual(states[slider]["state"]["value"], 7.5)
        self.assertEqual(states[slider]["model_module"], "@jupyter-widgets/controls")

    def subshell(self):
        """A subshell as JupyterLab makes one for the comms of a target."""
        message = self.client.session.msg("create_subshell_request", {})
        self.client.control_channel.send(message)
        return self.reply(message["header"]["msg_id"], channel="control")["content"]["subshell_id"]

    def send_beside(self, subshell, comm_id, **data):
        """Sends a message of a widget to a subshell; returns its identity."""
        message = self.client.session.msg("comm_msg", {"comm_id": comm_id, "data": data})
        message["header"]["subshell_id"] = subshell
        self.client.shell_channel.send(message)
        return message["header"]["msg_id"]

    def test_while_a_cell_runs(self):
        """A page that sends messages of widgets to a subshell reaches them while a cell runs: values, functions, outputs."""
        owner, messages = self.cell(
            'cancel := widget.NewButton("cancel")\nstop := make(chan bool, 1)\n'
            'cancel.OnClick(func() { fmt.Println("clicked"); display.Show("shown"); stop <- true })\n'
            "level := widget.NewIntSlider(0, 10, 1)\nvar bad *int\n"
            'fault := widget.NewButton("fault")\nfault.OnClick(func() { *bad = 1 })\n'
            "display.Show(cancel, level, fault)"
        )
        buttons = [
            m["content"]["comm_id"] for m in messages
            if m["msg_type"] == "comm_open" and m["content"]["data"]["state"]["_model_name"] == "ButtonModel"
        ]
        slider = self.opened(messages, "IntSliderModel")
        subshell = self.subshell()
        click = {"method": "custom", "content": {"event": "click"}}
        cell = self.client.execute(
            'fmt.Println("begun")\nfor level.Value() == 1 { time.Sleep(5 * time.Millisecond) }\nfmt.Println("level", level.Value())\n'
            '<-stop\nfmt.Println("stopped")\n"done"'
        )
        self.wait_for(cell, lambda m: m["msg_type"] == "stream" and "begun" in m["content"]["text"])
        moved = self.send_beside(subshell, slider, method="update", state={"value": 7}, buffer_paths=[])
        echo = self.wait_for(moved, lambda m: m["msg_type"] == "comm_msg")
        self.assertEqual(echo["content"]["data"]["state"], {"value": 7})
        self.wait_for(cell, lambda m: m["msg_type"] == "stream" and "level 7" in m["content"]["text"])
        faulty = self.send_beside(subshell, buttons[1], **click)
        failed = self.wait_for(owner, lambda m: m["msg_type"] == "error")
        self.assertIn("nil pointer", failed["content"]["evalue"])
        self.wait_for(faulty, lambda m: m["content"].get("execution_state") == "idle")
        # The kernel is not idle for that; who shows its state is told so.
        self.wait_for(cell, lambda m: m["content"].get("execution_state") == "busy")
        self.send_beside(subshell, buttons[0], **click)
        seen = {"owner": [], "cell": []}
        while not seen["cell"] or seen["cell"][-1] != "idle":
            m = self.client.get_iopub_msg(timeout=TIMEOUT)
            parent = m["parent_header"].get("msg_id")
            text = m["content"].get("text") or m["content"].get("data", {}).get("text/plain") or m["content"].get("execution_state")
            if parent in (owner, cell):
                seen["owner" if parent == owner else "cell"].append(text)
        self.assertEqual(seen["owner"], ["clicked\n", '"shown"'], "the output of the function is that of the cell with the button")
        self.assertEqual([t for t in seen["cell"] if t != "busy"], ["stopped\n", '"done"', "idle"])
        self.assertEqual(self.reply(cell)["content"]["status"], "ok")
        self.usable()

    def test_cell_that_waits_for_a_function(self):
        """The kernel is not shown as idle when a function of a widget has ended and a cell is next."""
        gate = os.path.join(self.folder, "gate")
        owner, messages = self.cell(
            'b := widget.NewButton("b")\nb.OnClick(func() {\n\tfmt.Println("in")\n'
            f"\tfor {{ if _, err := os.Stat({json.dumps(gate)}); err == nil {{ break }}; time.Sleep(time.Millisecond) }}\n}})\nb"
        )
        clicked = self.send_beside(self.subshell(), self.opened(messages, "ButtonModel"), method="custom", content={"event": "click"})
        self.wait_for(owner, lambda m: m["msg_type"] == "stream")
        cell = self.client.execute("6 * 7")
        self.wait_for(cell, lambda m: m["content"].get("execution_state") == "busy")
        open(gate, "x").close()
        self.wait_for(clicked, lambda m: m["content"].get("execution_state") == "idle")
        story = []
        while story[-1:] != ["idle"]:
            m = self.client.get_iopub_msg(timeout=TIMEOUT)
            self.assertEqual(m["parent_header"]["msg_id"], cell)
            story.append(m["content"].get("execution_state") or m["msg_type"])
        self.assertEqual(story, ["busy", "execute_input", "execute_result", "idle"])

    def test_interact_while_a_cell_runs(self):
        """What an interaction prints and shows goes to its own place, what the cell prints to the cell."""
        _, messages = self.cell('widget.Interact(func(n int) int { fmt.Println("called", n); return n * n }, []int{0, 10})')
        slider, output = self.opened(messages, "IntSliderModel"), self.opened(messages, "OutputModel")
        subshell = self.subshell()
        cell = self.client.execute('fmt.Println("begun")\nfor { fmt.Println("tick"); time.Sleep(time.Millisecond) }')
        self.wait_for(cell, lambda m: m["msg_type"] == "stream" and "begun" in m["content"]["text"])
        for n in (3, 8):
            moved = self.send_beside(subshell, slider, method="update", state={"value": n}, buffer_paths=[])
            story = []
            while story[-1:] != ["idle"]:
                m = self.client.get_iopub_msg(timeout=TIMEOUT)
                if m["msg_type"] == "comm_msg" and m["content"]["comm_id"] == output:
                    story += [o.get("text") or o["data"]["text/plain"] for o in m["content"]["data"]["state"]["outputs"]]
                elif m["parent_header"].get("msg_id") == cell:
                    self.assertIn(m["content"].get("text", "tick\n").strip().splitlines()[0], "tick")
                elif m["parent_header"].get("msg_id") == moved and m["msg_type"] != "comm_msg":
                    data = m["content"].get("data", {})
                    story.append(m["content"].get("text") or data.get("text/plain") or m["content"].get("execution_state") or m["msg_type"])
            self.assertEqual(story, ["busy", f"called {n}\n", str(n * n), "idle"])
        self.interrupt()
        self.assertEqual(self.reply(cell)["content"]["ename"], "interrupted")
        self.usable()

    def test_interrupt_beside(self):
        """The stop button stops a function that runs beside a cell, with the cell or when that has ended."""
        _, messages = self.cell('b := widget.NewButton("b")\nb.OnClick(func() { fmt.Println("in"); for {} })\nb')
        button = self.opened(messages, "ButtonModel")
        subshell = self.subshell()
        click = {"method": "custom", "content": {"event": "click"}}
        for code in ("for {}", "time.Sleep(500 * time.Millisecond)"):
            cell = self.client.execute(f'fmt.Println("begun")\n{code}')
            self.wait_for(cell, lambda m: m["msg_type"] == "stream")
            clicked = self.send_beside(subshell, button, **click)
            while (self.client.get_iopub_msg(timeout=TIMEOUT)["content"].get("text") or "") != "in\n":
                pass
            if code != "for {}":
                self.reply(cell)
            self.interrupt()
            self.wait_for(clicked, lambda m: m["content"].get("execution_state") == "idle")
            if code == "for {}":
                self.assertEqual(self.reply(cell)["content"]["ename"], "interrupted")
        self.usable()

    def test_newest_wins(self):
        """Many states that come while a cell runs make few calls, the last with the last state."""
        _, messages = self.cell(
            "s := widget.NewIntSlider(0, 1000, 0)\ncalls := 0\nlast := 0\n"
            "s.OnChange(func(n int) { calls++; last = n; time.Sleep(10 * time.Millisecond) })\ns"
        )
        slider = self.opened(messages, "IntSliderModel")
        gate = os.path.join(self.folder, "gate")
        busy = self.client.execute(f"for {{ if _, err := os.Stat({json.dumps(gate)}); err == nil {{ break }}; time.Sleep(time.Millisecond) }}")
        for n in range(1, 501):
            message = self.client.session.msg(
                "comm_msg", {"comm_id": slider, "data": {"method": "update", "state": {"value": n}, "buffer_paths": []}}
            )
            self.client.shell_channel.send(message)
        open(gate, "x").close()
        self.published(message["header"]["msg_id"])
        self.reply(busy)
        self.assertEqual(self.ok("last").results, ["500"])
        self.assertLess(int(self.ok("calls").results[0]), 250)

    def test_interact(self):
        _, messages = self.cell(
            'widget.Interact(func(x float64, word string) string { fmt.Println("called"); return fmt.Sprint(word, x) },\n'
            '\twidget.NewFloatSlider(0, 4, 1), []string{"a", "b"})'
        )
        slider, menu = self.opened(messages, "FloatSliderModel"), self.opened(messages, "DropdownModel")
        output = self.opened(messages, "OutputModel")
        for comm_id, state, want in ((slider, {"value": 2.5}, '"a2.5"'), (menu, {"index": 1}, '"b2.5"')):
            msg_id, messages = self.update(comm_id, **state)
            # Two messages in all: that the value has arrived, and what the function has shown.
            self.assertEqual([(m["msg_type"], m["content"]["comm_id"]) for m in messages], [("comm_msg", comm_id), ("comm_msg", output)])
            self.assertEqual(messages[0]["parent_header"]["msg_id"], msg_id)
            printed, shown = messages[1]["content"]["data"]["state"]["outputs"]
            self.assertEqual((printed["output_type"], printed["text"]), ("stream", "called\n"))
            self.assertEqual((shown["output_type"], shown["data"]["text/plain"]), ("display_data", want))

    def test_interact_draws_in_place(self):
        """A figure that follows a slider is one message with the drawing itself."""
        _, messages = self.cell(
            'import "gonum.org/v1/plot"\n'
            'widget.Interact(func(n int) *plot.Plot { p := plot.New(); p.Title.Text = fmt.Sprint("n = ", n); return p }, []int{0, 10})'
        )
        slider, picture = self.opened(messages, "IntSliderModel"), self.opened(messages, "HTMLModel")
        shown = [m for m in messages if m["msg_type"] == "execute_result"][0]["content"]["data"]
        self.assertIn("application/vnd.jupyter.widget-view+json", shown)
        self.assertIn(">n = 5</text>", shown["image/svg+xml"])
        _, messages = self.update(slider, value=3)
        self.assertEqual([(m["msg_type"], m["content"]["comm_id"]) for m in messages], [("comm_msg", slider), ("comm_msg", picture)])
        page = messages[1]["content"]["data"]["state"]["value"]
        self.assertTrue(page.startswith('<div role="img" aria-label="plot &#34;n = 3&#34;, 576×384"><svg '), page[:200])

    def test_interact_that_takes_its_time(self):
        """What a slow function shows is seen as it is shown, in the place of the interaction."""
        _, messages = self.cell(
            'widget.Interact(func(n int) string { fmt.Println("called"); time.Sleep(400 * time.Millisecond); os.Stdout.WriteString("direct"); return "done" }, []int{0, 4})'
        )
        slider, output = self.opened(messages, "IntSliderModel"), self.opened(messages, "OutputModel")
        msg_id, messages = self.update(slider, value=3)
        story = []
        for m in messages:
            # All of it is to be found by the page's output, which looks for the message.
            self.assertTrue(m["msg_type"] == "comm_msg" or m["parent_header"]["msg_id"] == msg_id, m)
            if m["msg_type"] == "comm_msg" and m["content"]["comm_id"] == output:
                story.append(m["content"]["data"]["state"])
            elif m["msg_type"] != "comm_msg":
                story.append(m["content"].get("text") or m["msg_type"])
        self.assertEqual(story, [{"msg_id": msg_id}, "clear_output", "called\n", "direct", "display_data", {"msg_id": ""}])

    def test_panic_and_interrupt(self):
        cell, messages = self.cell(
            'b := widget.NewButton("b")\n'
            "b.OnClick(func() { var p *int; *p = 1 })\nb"
        )
        button = self.opened(messages, "ButtonModel")
        click = {"comm_id": button, "data": {"method": "custom", "content": {"event": "click"}}}
        _, messages = self.comm("msg", click)
        self.assertEqual([m["msg_type"] for m in messages], ["error"])
        self.assertEqual(messages[0]["parent_header"]["msg_id"], cell)
        self.assertIn("nil pointer", messages[0]["content"]["evalue"])
        _, messages = self.cell('e := widget.NewButton("e")\ne.OnClick(func() { fmt.Println("begun"); for {} })\ne')
        message = self.client.session.msg("comm_msg", {**click, "comm_id": self.opened(messages, "ButtonModel")})
        self.client.shell_channel.send(message)
        while self.client.get_iopub_msg(timeout=TIMEOUT)["msg_type"] != "stream":
            pass
        self.interrupt()
        messages = self.published(message["header"]["msg_id"])
        self.assertIn("interrupted", [m["content"].get("ename") for m in messages])
        self.usable()

    def test_death_closes(self):
        _, messages = self.cell("s := widget.NewIntSlider(0, 10, 5)\ns")
        slider = self.opened(messages, "IntSliderModel")
        msg_id = self.client.execute("var mu sync.Mutex\nmu.Unlock()")
        closed = set()
        while slider not in closed:
            message = self.client.get_iopub_msg(timeout=TIMEOUT)
            if message["msg_type"] == "comm_close":
                closed.add(message["content"]["comm_id"])
        self.assertEqual(self.reply(msg_id)["content"]["status"], "error")
        self.assertEqual(self.info(), {})
        self.update(slider, value=3)
        self.usable()

    def test_progress(self):
        """However short the steps, ten updates a second on the wire; bars inside others in one display."""
        started = time.monotonic()
        _, messages = self.cell(
            'for range display.Progress(3, "outer") {\n'
            '\tfor range display.Progress(200, "inner") {\n\t\ttime.Sleep(2 * time.Millisecond)\n\t}\n}'
        )
        took = time.monotonic() - started
        shown = [m for m in messages if m["msg_type"] in ("display_data", "update_display_data")]
        self.assertEqual([m["msg_type"] for m in shown].count("display_data"), 1)
        self.assertEqual(len({m["content"]["transient"]["display_id"] for m in shown}), 1)
        self.assertLessEqual(len(shown), 10 * took + 2)
        self.assertTrue(any("inner" in m["content"]["data"]["text/plain"] for m in shown))
        last = shown[-1]["content"]["data"]
        self.assertIn("outer 100%", last["text/plain"])
        self.assertIn("3/3 in", last["text/plain"])
        self.assertIn("<progress", last["text/html"])

    def test_progress_while_a_cell_runs(self):
        """A bar of a function of a widget shows below the widget, whatever runs meanwhile and shows bars of its own."""
        for kind in ("display", "widget"):
            owner, messages = self.cell(
                f'b{kind} := widget.NewButton("b")\nb{kind}.OnClick(func() {{ for range {kind}.Progress(75, "of the button") {{ time.Sleep(20 * time.Millisecond) }} }})\nb{kind}'
            )
            subshell = self.subshell()
            cell = self.client.execute('for range display.Progress(1_000_000, "of the cell") { time.Sleep(time.Millisecond) }')
            self.wait_for(cell, lambda m: m["msg_type"] == "display_data")
            clicked = self.send_beside(subshell, self.opened(messages, "ButtonModel"), method="custom", content={"event": "click"})
            shown = [m for m in self.published(clicked) if m["msg_type"] == "display_data"]
            self.assertEqual([m["parent_header"]["msg_id"] for m in shown], [owner])
            self.assertNotIn("cell", shown[0]["content"]["data"]["text/plain"])
            self.interrupt()
            self.reply(cell)

    def test_progress_of_no_number(self):
        """A bar of what is no number, such as a loss that has diverged, costs nothing."""
        self.ok("kept := 7")
        for kind in ("display", "widget"):
            self.cell(f'{kind}bar := {kind}.NewBar(10, "diverged")\n{kind}bar.Set(math.NaN())\ntime.Sleep(300 * time.Millisecond)\n{kind}bar.Stop()')
        self.assertEqual(self.ok("kept").results, ["7"])

    def test_progress_widget(self):
        """Bars as widgets: at most ten messages a second, however many bars, and all that is seen at the end is true."""
        started = time.monotonic()
        cell, messages = self.cell(
            'for range widget.Progress(3, "outer") {\n'
            '\tfor range widget.Progress(200, "inner") {\n\t\ttime.Sleep(2 * time.Millisecond)\n\t}\n}'
        )
        took = time.monotonic() - started
        self.assertEqual([m["msg_type"] for m in messages].count("display_data"), 1)
        self.assertNotIn("update_display_data", [m["msg_type"] for m in messages])
        updates = [m["content"] for m in messages if m["msg_type"] == "comm_msg"]
        self.assertLessEqual(len(updates), 10 * took + 5)  # one refresh of two bars at a time
        outer = self.opened(messages, "FloatProgressModel")
        states = [m["data"]["state"] for m in updates if m["comm_id"] == outer]
        self.assertGreater(len(states), 1)
        self.assertEqual((states[-1]["value"], states[-1]["bar_style"], states[-1]["description"]), (1, "success", "outer"))
        texts = [m["data"]["state"]["value"] for m in updates if isinstance(m["data"]["state"].get("value"), str)]
        self.assertIn("3/3 in", texts[-1])
        self.assertTrue(any("/200" in t and "left" in t for t in texts), texts)


if __name__ == "__main__":
    unittest.main()
