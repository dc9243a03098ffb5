package widget

import (
	"maps"

	"swingby/kernel/comm"
)

// controlTarget is what a page asks for all widgets at once, after a reload.
const controlTarget = "jupyter.widget.control"

func init() {
	comm.Handle(controlTarget, func(c *comm.Comm, _ comm.Message) {
		c.OnMessage(func(m comm.Message) {
			switch m.Data["method"] {
			case "request_states":
				states, paths, buffers := allStates()
				_ = c.Reply(m, map[string]any{"method": "update_states", "states": states, "buffer_paths": paths}, buffers...)
			}
		})
	})
	// Pages that make widgets by themselves are not served: a model made by a page has no object here.
}

// allStates is what request_states is answered.
func allStates() (states map[string]any, paths [][]any, buffers [][]byte) {
	opened.Lock()
	models := maps.Clone(opened.models)
	opened.Unlock()
	states, paths = map[string]any{}, [][]any{}
	for id, m := range models {
		m.mu.Lock()
		values := maps.Clone(m.state)
		m.mu.Unlock()
		state, p, b := encodeState(values)
		for _, path := range p {
			paths = append(paths, append([]any{id, "state"}, path...))
		}
		buffers = append(buffers, b...)
		states[id] = map[string]any{
			"model_name":           values["_model_name"],
			"model_module":         values["_model_module"],
			"model_module_version": values["_model_module_version"],
			"state":                state,
		}
	}
	return states, paths, buffers
}
