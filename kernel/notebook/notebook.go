package notebook

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sort"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Kinds of cells and outputs, as nbformat spells them.
const (
	Code     = "code"
	Markdown = "markdown"
	Raw      = "raw"

	Stream        = "stream"
	DisplayData   = "display_data"
	ExecuteResult = "execute_result"
	ErrorOutput   = "error"
)

// Notebook is one notebook of format 4.
type Notebook struct {
	Cells    []*Cell
	Metadata map[string]any
	// Minor is the minor format version; cells have ids from 5 on.
	Minor int
	// Extra holds top-level fields this package does not know.
	Extra map[string]any
}

// Cell is one cell. Values in maps are what encoding/json gives, numbers as [json.Number].
type Cell struct {
	Type     string // Code, Markdown, Raw or a kind unknown to nbformat 4.5
	ID       string // empty before format 4.5
	Source   string
	Metadata map[string]any
	// ExecutionCount is n of In[n], nil when the cell was never run. Code cells only.
	ExecutionCount *int
	// Outputs of a code cell, in order.
	Outputs []*Output
	// Extra holds all other fields, attachments among them.
	Extra map[string]any
}

// Output is one output of a code cell; which fields count depends on Type.
type Output struct {
	Type string

	Name string // Stream: "stdout" or "stderr"
	Text string // Stream

	Data           map[string]any // DisplayData, ExecuteResult: by MIME type; text is one string
	Metadata       map[string]any // DisplayData, ExecuteResult
	ExecutionCount *int           // ExecuteResult

	EName     string   // ErrorOutput: kind of error
	EValue    string   // ErrorOutput: message
	Traceback []string // ErrorOutput: lines to show, ANSI colours allowed

	// Extra holds all other fields; for an unknown Type, all fields but the type.
	Extra map[string]any
}

// Tags returns the cell's tags, the metadata that tools such as papermill act on.
func (c *Cell) Tags() []string {
	list, _ := c.Metadata["tags"].([]any)
	var tags []string
	for _, t := range list {
		if s, ok := t.(string); ok {
			tags = append(tags, s)
		}
	}
	return tags
}

// HasTag reports whether the cell carries the tag.
func (c *Cell) HasTag(tag string) bool {
	for _, t := range c.Tags() {
		if t == tag {
			return true
		}
	}
	return false
}

// Language returns the programming language the notebook says it is in, in
// lower case, or "" when it does not say.
func (nb *Notebook) Language() string {
	for _, at := range [][2]string{{"language_info", "name"}, {"kernelspec", "language"}} {
		if m, ok := nb.Metadata[at[0]].(map[string]any); ok {
			if s, ok := m[at[1]].(string); ok && s != "" {
				return strings.ToLower(s)
			}
		}
	}
	return ""
}

// Parse reads a notebook. Errors are one line saying what is wrong and where
// (“cells[3].source is a number, must be text or a list of lines”), without the
// package's prefix, which [ReadFile] adds together with the file's name.
func Parse(data []byte) (*Notebook, error) {
	root, err := decode(data)
	if err != nil {
		return nil, err
	}
	top, ok := root.(map[string]any)
	if !ok {
		return nil, fmt.Errorf("is JSON, but not a notebook: it is %s, must be an object", kindOf(root))
	}
	r := reader{}
	nb := r.notebook(top)
	if r.err != nil {
		return nil, r.err
	}
	return nb, nil
}

// decode turns JSON text into Go values, numbers kept as they are written.
func decode(data []byte) (any, error) {
	switch {
	case len(bytes.TrimSpace(data)) == 0:
		return nil, errors.New("is empty, must be a notebook (JSON)")
	case bytes.HasPrefix(data, []byte("\xef\xbb\xbf")):
		return nil, errors.New("starts with a byte order mark, must be UTF-8 without one")
	case !utf8.Valid(data):
		return nil, errors.New("is not UTF-8 text, must be a notebook (JSON)")
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	var root any
	err := dec.Decode(&root)
	if err == nil {
		end := dec.InputOffset()
		if _, err2 := dec.Token(); err2 == io.EOF {
			return root, nil
		}
		return nil, fmt.Errorf("is not a notebook: line %d: text after the end of the JSON value", line(data, end))
	}
	if i := bytes.Index(data, []byte("\n<<<<<<< ")); i >= 0 {
		return nil, fmt.Errorf("holds an unresolved merge conflict at line %d, resolve it first", line(data, int64(i+1)))
	}
	at := int64(len(data))
	if se := (*json.SyntaxError)(nil); errors.As(err, &se) {
		at = se.Offset
	}
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, fmt.Errorf("is not a complete notebook: the JSON text ends early, at line %d", line(data, at))
	}
	return nil, fmt.Errorf("is not a notebook: line %d: not JSON: %s", line(data, at), err)
}

func line(data []byte, offset int64) int {
	if offset > int64(len(data)) {
		offset = int64(len(data))
	}
	return 1 + bytes.Count(data[:offset], []byte("\n"))
}

// kindOf names a JSON value for an error text.
func kindOf(v any) string {
	switch v.(type) {
	case nil:
		return "null"
	case bool:
		return "true or false"
	case json.Number:
		return "a number"
	case string:
		return "a string"
	case []any:
		return "a list"
	}
	return "an object"
}

// reader converts decoded JSON to the model and keeps the first error, with its path.
type reader struct{ err error }

func (r *reader) fail(path string, v any, want string) {
	if r.err == nil {
		r.err = fmt.Errorf("is not a valid notebook: %s is %s, must be %s", path, kindOf(v), want)
	}
}

// take removes a field and returns it, nil when it is absent.
func take(m map[string]any, key string) (any, bool) {
	v, ok := m[key]
	delete(m, key)
	return v, ok
}

func (r *reader) object(m map[string]any, path, key string) map[string]any {
	v, ok := take(m, key)
	if o, isObject := v.(map[string]any); isObject {
		return o
	}
	if ok {
		r.fail(path+key, v, "an object")
	}
	return map[string]any{}
}

func (r *reader) str(m map[string]any, path, key string) string {
	v, ok := take(m, key)
	s, isString := v.(string)
	if ok && !isString {
		r.fail(path+key, v, "a string")
	}
	return s
}

// text reads a multi-line string: one string or a list of lines.
func (r *reader) text(m map[string]any, path, key string) string {
	v, ok := take(m, key)
	if !ok {
		return ""
	}
	s, isText := joinLines(v)
	if !isText {
		r.fail(path+key, v, "text or a list of lines")
	}
	return s
}

func (r *reader) count(m map[string]any, path, key string) *int {
	v, _ := take(m, key)
	if v == nil {
		return nil
	}
	if n, ok := v.(json.Number); ok {
		if i, err := strconv.Atoi(n.String()); err == nil && i >= 0 {
			return &i
		}
	}
	r.fail(path+key, v, "null or an integer from 0")
	return nil
}

func (r *reader) list(m map[string]any, path, key string) []any {
	v, ok := take(m, key)
	l, isList := v.([]any)
	if ok && !isList {
		r.fail(path+key, v, "a list")
	}
	return l
}

func (r *reader) notebook(m map[string]any) *Notebook {
	v, ok := take(m, "nbformat")
	if !ok {
		r.err = errors.New(`is JSON, but not a notebook: it has no field "nbformat"`)
		return nil
	}
	n, isNumber := v.(json.Number)
	major, err := strconv.Atoi(n.String())
	switch {
	case !isNumber || err != nil:
		r.fail("nbformat", v, "the integer 4")
		return nil
	case major < 4:
		r.err = fmt.Errorf("is in notebook format %d, must be 4: open it in JupyterLab and save it", major)
		return nil
	case major > 4:
		r.err = fmt.Errorf("is in notebook format %d, newer than this program knows (4)", major)
		return nil
	}
	nb := &Notebook{}
	if c := r.count(m, "", "nbformat_minor"); c != nil {
		nb.Minor = *c
	}
	nb.Metadata = r.object(m, "", "metadata")
	// Transient by nbformat's rules: never stored.
	for _, key := range []string{"orig_nbformat", "orig_nbformat_minor", "signature"} {
		delete(nb.Metadata, key)
	}
	if _, ok := m["cells"]; !ok && r.err == nil {
		r.err = errors.New(`is not a valid notebook: it has no field "cells"`)
	}
	for i, v := range r.list(m, "", "cells") {
		path := fmt.Sprintf("cells[%d]", i)
		c, ok := v.(map[string]any)
		if !ok {
			r.fail(path, v, "an object")
			break
		}
		nb.Cells = append(nb.Cells, r.cell(c, path+"."))
	}
	nb.Extra = m
	return nb
}

func (r *reader) cell(m map[string]any, path string) *Cell {
	c := &Cell{Extra: m}
	if _, ok := m["cell_type"]; !ok && r.err == nil {
		r.err = fmt.Errorf("is not a valid notebook: %scell_type is missing", path)
	}
	c.Type = r.str(m, path, "cell_type")
	c.ID = r.str(m, path, "id")
	c.Metadata = r.object(m, path, "metadata")
	delete(c.Metadata, "trusted") // transient, as above
	switch c.Type {
	case Code, Markdown, Raw:
		c.Source = r.text(m, path, "source")
	}
	if atts, ok := m["attachments"].(map[string]any); ok {
		for _, a := range atts {
			if bundle, ok := a.(map[string]any); ok {
				joinBundle(bundle)
			}
		}
	}
	if c.Type != Code {
		return c
	}
	c.ExecutionCount = r.count(m, path, "execution_count")
	for i, v := range r.list(m, path, "outputs") {
		at := fmt.Sprintf("%soutputs[%d]", path, i)
		o, ok := v.(map[string]any)
		if !ok {
			r.fail(at, v, "an object")
			break
		}
		c.Outputs = append(c.Outputs, r.output(o, at+"."))
	}
	return c
}

func (r *reader) output(m map[string]any, path string) *Output {
	o := &Output{Extra: m}
	if _, ok := m["output_type"]; !ok && r.err == nil {
		r.err = fmt.Errorf("is not a valid notebook: %soutput_type is missing", path)
	}
	o.Type = r.str(m, path, "output_type")
	switch o.Type {
	case Stream:
		o.Name = r.str(m, path, "name")
		o.Text = r.text(m, path, "text")
	case ExecuteResult, DisplayData:
		o.Data = r.object(m, path, "data")
		joinBundle(o.Data)
		o.Metadata = r.object(m, path, "metadata")
		if o.Type == ExecuteResult {
			o.ExecutionCount = r.count(m, path, "execution_count")
		}
	case ErrorOutput:
		o.EName = r.str(m, path, "ename")
		o.EValue = r.str(m, path, "evalue")
		for i, v := range r.list(m, path, "traceback") {
			s, ok := v.(string)
			if !ok {
				r.fail(fmt.Sprintf("%straceback[%d]", path, i), v, "a string")
			}
			o.Traceback = append(o.Traceback, s)
		}
	}
	return o
}

// Bytes returns the notebook as the file's content.
func (nb *Notebook) Bytes() []byte {
	m := clone(nb.Extra)
	m["nbformat"] = 4
	m["nbformat_minor"] = nb.Minor
	m["metadata"] = orEmpty(nb.Metadata)
	cells := make([]any, len(nb.Cells))
	for i, c := range nb.Cells {
		cells[i] = c.fields()
	}
	m["cells"] = cells
	var b bytes.Buffer
	encode(&b, m, 0)
	b.WriteByte('\n')
	return b.Bytes()
}

func (c *Cell) fields() map[string]any {
	m := clone(c.Extra)
	m["cell_type"] = c.Type
	m["metadata"] = orEmpty(c.Metadata)
	if c.ID != "" {
		m["id"] = c.ID
	}
	switch c.Type {
	case Code, Markdown, Raw:
		m["source"] = splitLines(c.Source)
	}
	if atts, ok := m["attachments"].(map[string]any); ok {
		split := map[string]any{}
		for name, a := range atts {
			if bundle, ok := a.(map[string]any); ok {
				a = splitBundle(bundle)
			}
			split[name] = a
		}
		m["attachments"] = split
	}
	if c.Type == Code {
		m["execution_count"] = c.ExecutionCount
		outs := make([]any, len(c.Outputs))
		for i, o := range c.Outputs {
			outs[i] = o.fields()
		}
		m["outputs"] = outs
	}
	return m
}

func (o *Output) fields() map[string]any {
	m := clone(o.Extra)
	m["output_type"] = o.Type
	switch o.Type {
	case Stream:
		m["name"] = o.Name
		m["text"] = splitLines(o.Text)
	case ExecuteResult, DisplayData:
		m["data"] = splitBundle(o.Data)
		m["metadata"] = orEmpty(o.Metadata)
		if o.Type == ExecuteResult {
			m["execution_count"] = o.ExecutionCount
		}
	case ErrorOutput:
		m["ename"] = o.EName
		m["evalue"] = o.EValue
		tb := make([]any, len(o.Traceback))
		for i, s := range o.Traceback {
			tb[i] = s
		}
		m["traceback"] = tb
	}
	return m
}

func clone(m map[string]any) map[string]any {
	c := make(map[string]any, len(m)+6)
	for k, v := range m {
		c[k] = v
	}
	return c
}

func orEmpty(m map[string]any) map[string]any {
	if m == nil {
		return map[string]any{}
	}
	return m
}

func sortedKeys(m map[string]any) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}
