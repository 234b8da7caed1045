package core_test

import (
	"slices"
	"testing"

	"github.com/limiquantix/limiquantix/core"
)

func TestNaturalOrder(t *testing.T) {
	want := []string{"", "01", "1", "2", "10", "App1", "app1", "app1b", "app2", "app010", "app10", "app99999999999999999999", "app100000000000000000000", "b", "zebra", "überall"}
	for i, a := range want {
		for j, b := range want {
			got := core.CompareNatural(a, b)
			if (got < 0) != (i < j) || (got > 0) != (i > j) {
				t.Errorf("%q to %q: %d", a, b, got)
			}
		}
	}
	mixed := slices.Clone(want)
	slices.Reverse(mixed)
	slices.SortFunc(mixed, core.CompareNatural)
	if !slices.Equal(mixed, want) {
		t.Errorf("sorted: %q", mixed)
	}
}
