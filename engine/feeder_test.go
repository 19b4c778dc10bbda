package engine

import (
	"slices"
	"testing"
)

func TestLevelsBeginWhereSomethingWaits(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ heads, want []int }{
		{[]int{3}, []int{5}},                // one claim: all at once
		{[]int{5, 5}, []int{5}},             // they share
		{[]int{5, 3}, []int{3, 5}},          // what is normal before what is low
		{[]int{1}, []int{1, 5}},             // urgent tasks have room of their own
		{[]int{5, 1, 3, 1}, []int{1, 3, 5}}, // each level once
	} {
		var claims []*claim
		for _, head := range c.heads {
			claims = append(claims, &claim{head: head})
		}
		if got := levels(claims); !slices.Equal(got, c.want) {
			t.Errorf("claims that begin at %v are served down to %v, want %v", c.heads, got, c.want)
		}
	}
	if share(5, 2) != 3 || share(2, 1) != 2 || share(1, 3) != 1 || share(0, 2) > 0 || share(-3, 2) > 0 {
		t.Error("a share is rounded up, and none of no room")
	}
}
