package widget

import "maps"

// AnyWidget is a widget whose front end is a JavaScript module of its own.
type AnyWidget struct{ *Model }

// anyVersion is the range of versions of the module "anywidget" that speak what this file does.
const anyVersion = ">=0.9.0 <1.0.0"

// NewAnyWidget makes a widget of a JavaScript module, by the anywidget front-end module specification
// (https://anywidget.dev/en/afm/). esm is the module, or the address of one:
//
//	export default {
//		render({ model, el }) {
//			el.textContent = model.get("count");
//			el.onclick = () => { model.set("count", model.get("count") + 1); model.save_changes(); };
//			model.on("change:count", () => { el.textContent = model.get("count"); });
//		},
//	};
//
// css is a style sheet, or ""; state holds the traits that model.get reads. Both sides set and observe
// them, and send messages by [Model.Send] and model.send. The page needs the extension "anywidget".
func NewAnyWidget(esm, css string, state map[string]any, opts ...Option) *AnyWidget {
	t := domTraits("anywidget", anyVersion, "Any", traits{
		"_esm": esm, "_css": css, "_anywidget_id": "swingby.kernel.widget.AnyWidget",
	})
	maps.Copy(t, state)
	return &AnyWidget{build(t, opts)}
}
