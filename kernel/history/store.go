package history

import (
	"strings"
	"sync"
	"time"
)

// Bounds of what is kept.
const (
	// MaxFile is the length in bytes that a file may have before it is replaced by its newer half.
	MaxFile = 8 << 20
	// MaxOutput bounds the bytes that are kept of one output, MaxInput those of one input.
	MaxOutput = 64 << 10
	MaxInput  = 1 << 20

	maxMemory = 2 * MaxFile // of the cells in memory
	maxUnsent = 1 << 20     // of records that could not be written yet
)

// Entry is one cell.
type Entry struct {
	Session int
	Line    int
	Input   string
	Output  *string // its result as text; nil for none
}

func (e *Entry) size() int {
	n := len(e.Input) + 64
	if e.Output != nil {
		n += len(*e.Output)
	}
	return n
}

// Store is a history. Its methods may be called concurrently; none waits for a disk longer than [patience].
type Store struct {
	path string
	logf func(format string, args ...any)
	wake chan struct{} // has a token when the file goroutine is to look
	done chan struct{} // closed when it has ended

	mu      sync.Mutex
	session int             // own number; 0 until it is known
	seen    int             // the highest session in the file
	others  []Entry         // of the file, without those of the own session
	own     []Entry         // of this store
	size    int             // bytes of both
	unsent  unsent          // to be written
	waiters []chan struct{} // of sync, closed when the file goroutine has seen all before them
	closing bool
	broken  bool // a failure has been reported
	damaged bool // bad lines have been reported

	// Touched by the file goroutine only.
	file    file
	pending unsent // what it has taken from unsent and could not write
}

// patience is how long a call waits for the disk at most.
var patience = time.Second

// Open returns the history in the file at path, which need not exist; an empty path is a history in memory. logf,
// which may be nil, gets one sentence when the file cannot be used, and one when parts of it cannot be read.
func Open(path string, logf func(format string, args ...any)) *Store {
	if logf == nil {
		logf = func(string, ...any) {}
	}
	s := &Store{path: path, logf: logf, wake: make(chan struct{}, 1), done: make(chan struct{})}
	s.file.path = path
	if path == "" {
		s.session = 1
		close(s.done)
		return s
	}
	s.unsent.add(record{At: now()})
	s.poke()
	go s.work()
	return s
}

func (s *Store) poke() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// Add adds a cell of the own session; e.Session is ignored.
func (s *Store) Add(e Entry) {
	e.Input = cut(e.Input, MaxInput)
	if e.Output != nil {
		text := cut(*e.Output, MaxOutput)
		e.Output = &text
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.own = append(s.own, e)
	s.grow(e.size())
	if s.path != "" {
		s.unsent.add(record{Line: e.Line, At: now(), Input: e.Input, Output: e.Output})
		s.poke()
	}
}

// unsent is a list of records that is bounded: when there are too many, the oldest go.
type unsent struct {
	records []record
	size    int
}

func (u *unsent) add(records ...record) {
	for _, r := range records {
		u.records = append(u.records, r)
		u.size += r.size()
	}
	for u.size > maxUnsent && len(u.records) > 1 {
		u.size -= u.records[0].size()
		u.records = u.records[1:]
	}
}

// grow accounts for n more bytes in memory, and forgets the oldest cells when there are too many. s.mu is held.
func (s *Store) grow(n int) {
	s.size += n
	for s.size > maxMemory {
		switch {
		case len(s.others) > 0:
			s.size -= s.others[0].size()
			s.others = s.others[1:]
		case len(s.own) > 1:
			s.size -= s.own[0].size()
			s.own = s.own[1:]
		default:
			return
		}
	}
}

// Session is the number of the own session. It waits until the file has been read, but not for long.
func (s *Store) Session() int {
	s.sync()
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.number()
}

// number is the number of the own session, or what it will be unless somebody else takes it. s.mu is held.
func (s *Store) number() int {
	if s.session > 0 {
		return s.session
	}
	return s.seen + 1
}

// sync has the file goroutine write what is unsent and read what is new.
func (s *Store) sync() {
	if s.path == "" {
		return
	}
	c := make(chan struct{})
	s.mu.Lock()
	if s.closing {
		s.mu.Unlock()
		return
	}
	s.waiters = append(s.waiters, c)
	s.mu.Unlock()
	s.poke()
	t := time.NewTimer(patience)
	defer t.Stop()
	select {
	case <-c:
	case <-s.done:
	case <-t.C:
	}
}

// Close writes what is unsent, if that can be done soon. The store can be read and added to afterwards; it is
// in memory then.
func (s *Store) Close() {
	s.mu.Lock()
	s.closing = true
	s.mu.Unlock()
	s.poke()
	t := time.NewTimer(patience)
	defer t.Stop()
	select {
	case <-s.done:
	case <-t.C:
	}
}

// work is the file goroutine.
func (s *Store) work() {
	defer close(s.done)
	for range s.wake {
		s.mu.Lock()
		waiters, closing := s.waiters, s.closing
		s.waiters = nil
		s.mu.Unlock()
		s.exchange()
		for _, c := range waiters {
			close(c)
		}
		if closing {
			return
		}
	}
}

// exchange writes and reads.
func (s *Store) exchange() {
	s.mu.Lock()
	s.pending.add(s.unsent.records...)
	s.unsent = unsent{}
	s.mu.Unlock()
	var err error
	if len(s.pending.records) == 0 {
		err = s.read()
	} else {
		err = s.write()
	}
	if err == nil {
		s.mu.Lock()
		s.broken = false
		s.mu.Unlock()
		return
	}
	s.mu.Lock()
	tell := !s.broken
	s.broken = true
	s.mu.Unlock()
	if tell {
		s.logf("history: %s cannot be used: %v; the history of this kernel is kept in memory only, until it can", s.path, plain(err))
	}
}

// read takes over what others have written.
func (s *Store) read() error {
	begun := false
	var got []Entry
	bad, err := s.file.read(func() {
		begun, got = true, nil
	}, func(r *record) {
		if r.cell() {
			got = append(got, Entry{Session: r.Session, Line: r.Line, Input: r.Input, Output: r.Output})
		}
	})
	s.mu.Lock()
	defer s.mu.Unlock()
	s.seen = s.file.highest
	if begun {
		for i := range s.others {
			s.size -= s.others[i].size()
		}
		s.others = nil
	}
	n := 0
	for _, e := range got {
		if e.Session != s.session || s.session == 0 {
			s.others = append(s.others, e)
			n += e.size()
		}
	}
	s.grow(n)
	if bad > 0 && !s.damaged {
		s.damaged = true
		s.logf("history: %s: skipped %d damaged lines", s.path, bad)
	}
	return err
}

// write appends what is pending. With the first record the session gets its number.
func (s *Store) write() error {
	unlock, err := s.file.lock()
	if err != nil {
		s.read() // for which no lock is needed
		return err
	}
	defer unlock()
	if err := s.read(); err != nil {
		return err
	}
	s.mu.Lock()
	session := s.number()
	s.mu.Unlock()
	var b []byte
	if s.file.empty() {
		header := newHeader(session)
		b = header.appendTo(b)
	}
	for _, r := range s.pending.records {
		r.Session = session
		b = r.appendTo(b)
	}
	if err := s.file.append(b); err != nil {
		return err
	}
	s.pending = unsent{}
	s.mu.Lock()
	s.session = session
	s.mu.Unlock()
	return s.file.compact()
}

// cut bounds a text, at the end of a character.
func cut(text string, most int) string {
	if len(text) <= most {
		return text
	}
	return strings.ToValidUTF8(text[:most], "") + " …"
}
