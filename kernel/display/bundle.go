package display

// MIME types that this package produces.
const (
	mimeText       = "text/plain"
	mimeHTML       = "text/html"
	mimeMarkdown   = "text/markdown"
	mimeLaTeX      = "text/latex"
	mimeSVG        = "image/svg+xml"
	mimePNG        = "image/png"
	mimeJPEG       = "image/jpeg"
	mimeJSON       = "application/json"
	mimeJavaScript = "application/javascript"
)

// Bundle is what one display carries: the same content in several formats,
// keyed by MIME type, from which the client picks the richest it can show.
//
// Text formats (text/*, image/svg+xml, application/javascript) hold a string,
// binary ones (image/png, image/jpeg, application/pdf) base64 text, and JSON
// ones (application/json, *+json) any value encoding/json accepts.
// Metadata is keyed by MIME type too (for example the pixel size of a PNG).
//
// A Bundle is itself a value that can be shown, so a cell may build one by hand
// for a format this package has no function for.
type Bundle struct {
	Data     map[string]any `json:"data"`
	Metadata map[string]any `json:"metadata"`
}

// String returns the plain text form, empty if there is none.
func (b Bundle) String() string {
	s, _ := b.Data[mimeText].(string)
	return s
}

// bundle returns a Bundle with both maps made and a plain text form.
func bundle(text string) Bundle {
	return Bundle{Data: map[string]any{mimeText: text}, Metadata: map[string]any{}}
}

// Event is one thing a running cell asks its front end to do.
type Event struct {
	// Kind is "display", "update" (replace the display called ID), "clear", "error" (with the fields of
	// Jupyter's error messages as data) or, for a [Taker] alone, "text".
	Kind string `json:"kind"`
	Bundle
	// ID names a display that may be updated later; empty for one that is not.
	ID string `json:"id,omitempty"`
	// Wait, for "clear", keeps the old output until new output comes.
	Wait bool `json:"wait,omitempty"`
	// Progress is "running" or "done" if this is a progress bar, which terminals and logs show in their own way.
	Progress string `json:"progress,omitempty"`
	// Text is what was printed, for "text".
	Text string `json:"-"`
}

// A Publisher takes the events of displays, in order. It may be called from any goroutine.
type Publisher func(Event)
