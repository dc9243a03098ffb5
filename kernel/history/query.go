package history

import (
	"cmp"
	"fmt"
	"math"
	"slices"
)

// snapshot returns all cells in order: by (session, line), those of the own session last.
func (s *Store) snapshot() []Entry {
	s.sync()
	s.mu.Lock()
	session := s.number()
	all := make([]Entry, 0, len(s.others)+len(s.own))
	all = append(all, s.others...)
	n := len(all)
	all = append(all, s.own...)
	s.mu.Unlock()
	for i := n; i < len(all); i++ {
		all[i].Session = session
	}
	slices.SortStableFunc(all[:n], inOrder)
	return all
}

// last returns the last n entries of all that keep accepts, oldest first; n < 0 means all of them.
// With unique each input comes once, where it was last run.
func last(all []Entry, n int, unique bool, keep func(*Entry) bool) []Entry {
	if n < 0 {
		n = math.MaxInt
	}
	var out []Entry
	seen := make(map[string]bool)
	for i := len(all) - 1; i >= 0 && len(out) < n; i-- {
		e := all[i]
		if !keep(&e) || unique && seen[e.Input] {
			continue
		}
		if unique {
			seen[e.Input] = true
		}
		out = append(out, e)
	}
	slices.Reverse(out)
	return out
}

// Tail returns the last n cells, oldest first; n < 0 means all.
func (s *Store) Tail(n int) []Entry {
	return last(s.snapshot(), n, false, func(*Entry) bool { return true })
}

// Range returns the cells start ≤ line < stop of a session; stop ≤ 0 means to the end. Session 0 is the store's own,
// and negative ones count back from it.
func (s *Store) Range(session, start, stop int) []Entry {
	all := s.snapshot()
	if session <= 0 {
		s.mu.Lock()
		session += s.number()
		s.mu.Unlock()
	}
	return last(all, -1, false, func(e *Entry) bool {
		return e.Session == session && e.Line >= start && (stop <= 0 || e.Line < stop)
	})
}

// Search returns the last n cells whose whole input matches a pattern with *, ? and [sets], oldest first; n < 0 means all.
// With unique each input comes once, where it was last run.
func (s *Store) Search(pattern string, n int, unique bool) []Entry {
	re := glob(pattern)
	return last(s.snapshot(), n, unique, func(e *Entry) bool { return re.MatchString(e.Input) })
}

// Find returns the last n cells of the file at path whose whole input matches pattern, as [Store.Search] does, in the order
// of (session, line). It begins no session. A file that is not there has no cells.
func Find(path, pattern string, n int, unique bool) ([]Entry, error) {
	f := file{path: path}
	var all []Entry
	_, err := f.read(func() { all = nil }, func(r *record) {
		if r.cell() {
			all = append(all, Entry{Session: r.Session, Line: r.Line, Input: r.Input, Output: r.Output})
		}
	})
	if err != nil {
		return nil, fmt.Errorf("history: %s cannot be read: %w", path, plain(err))
	}
	slices.SortStableFunc(all, inOrder)
	re := glob(pattern)
	return last(all, n, unique, func(e *Entry) bool { return re.MatchString(e.Input) }), nil
}

func inOrder(a, b Entry) int {
	return cmp.Or(cmp.Compare(a.Session, b.Session), cmp.Compare(a.Line, b.Line))
}
