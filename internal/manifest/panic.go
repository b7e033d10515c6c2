package manifest

import (
	"errors"
	"fmt"
	"runtime/debug"
)

// panicError is a panic in a goroutine as an error, with its stack.
type panicError struct {
	value any
	stack []byte
}

func (e *panicError) Error() string {
	return fmt.Sprintf("panic in a goroutine: %v\n\n%s", e.value, e.stack)
}

// RecoverPanic is deferred in a goroutine, where a panic would end the process: it
// becomes the goroutine's error.
func RecoverPanic(err *error) {
	if value := recover(); value != nil {
		*err = &panicError{value, debug.Stack()}
	}
}

// RaisePanic panics with the error of RecoverPanic, in the goroutine that waited for
// it: there a service contains it (fault 103). It does nothing for other errors.
func RaisePanic(err error) {
	var failed *panicError
	if errors.As(err, &failed) {
		panic(failed.Error())
	}
}
