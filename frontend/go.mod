// A module of its own, without code: it keeps Go files that npm packages carry
// out of ./... of the program.
module github.com/limiquantix/limiquantix/frontend

go 1.26
