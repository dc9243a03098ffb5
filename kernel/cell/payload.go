package cell

// Payload is what a cell asks of the front end besides showing its output: a
// page to read, or text for an input.
type Payload struct {
	// Page is a text in several formats, by MIME type, for a pager; nil if this is no page.
	Page map[string]string
	// NextInput is text for an input: the cell's own if Replace is set, else that of a new cell below.
	NextInput string
	Replace   bool
}

// page asks for a text to be shown in a pager.
func (r *runner) page(plain, markdown string) {
	p := Payload{Page: map[string]string{"text/plain": plain}}
	if markdown != "" {
		p.Page["text/markdown"] = markdown
	}
	r.payloads = append(r.payloads, p)
}
