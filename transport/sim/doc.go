// Package sim is libvirt hosts in memory: the demo, the tests and the scale
// runs use it where the product would use transport/virt.
//
// A [Fleet] is made from a few numbers (a [Model]) and is the same each time
// for the same numbers. Its hosts keep state: what one [Link] defines, another
// sees and gets an event of. What libvirt refuses is refused here with the same
// code: the suite in transport/contract runs on both. Where they differ, this
// package is wrong.
//
// Tests make it fail on request with [Fleet.Fault], count round trips with
// [Fleet.Calls], and may run it inside testing/synctest: all waiting is by
// package time, and every goroutine ends with [Link.Close] or [Fleet.Close].
package sim
