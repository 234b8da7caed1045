package vm

import (
	"testing"
)

// A VM that starts again and again has one search for its address, the last.
func TestOneSearchForEachVM(t *testing.T) {
	x := newHunt()
	first, releaseFirst := x.take(t.Context(), "h/1")
	other, releaseOther := x.take(t.Context(), "h/2")
	second, releaseSecond := x.take(t.Context(), "h/1")
	if first.Err() == nil || second.Err() != nil || other.Err() != nil {
		t.Errorf("first %v, second %v, other %v", first.Err(), second.Err(), other.Err())
	}
	releaseFirst()
	if len(x.latest) != 2 || second.Err() != nil {
		t.Errorf("the end of the first search touched the second: %v", x.latest)
	}
	releaseSecond()
	releaseOther()
	if len(x.latest) != 0 {
		t.Errorf("%d searches are remembered", len(x.latest))
	}
}
