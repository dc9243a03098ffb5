package worker

import "testing"

func TestCellNames(t *testing.T) {
	for _, test := range []struct {
		cells []int
		want  string
	}{
		{[]int{1}, "In[1]"},
		{[]int{1, 2}, "In[1], In[2]"},
		{[]int{1, 2, 3, 4, 6, 9, 10}, "In[1]–In[4], In[6], In[9], In[10]"},
	} {
		if got := cellNames(test.cells); got != test.want {
			t.Errorf("%v: %s, want %s", test.cells, got, test.want)
		}
	}
}

func TestShorten(t *testing.T) {
	overflow := "runtime: goroutine stack exceeds 268435456-byte limit\nruntime: sp=0xc0203e0370 stack=[0xc0203e0000, 0xc0403e0000]\nfatal error: stack overflow\n\nruntime stack:\nruntime.throw(...)\n"
	if got, want := shorten(overflow), "runtime: goroutine stack exceeds 268435456-byte limit\nfatal error: stack overflow\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
