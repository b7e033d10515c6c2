// Package display shows the progress of a run on standard error: as bars at the bottom
// of a terminal, as lines for logs, or as events in JSON.
package display

import (
	"sync"
	"time"

	"manifest-tool/internal/output"
	"manifest-tool/internal/progress"
)

// Options are the options of Start.
type Options struct {
	// Mode is the setting: auto, plain, none or json. auto is bars on a terminal, and
	// plain elsewhere and on a dumb terminal. Bars have no colours.
	Mode string
	// Screen is where standard error ends up, Notices writes lines to it.
	Screen  *Screen
	Notices output.Notices
	Getenv  func(string) string
	// Unicode is set if the terminal shows characters that are not ASCII.
	Unicode bool
}

// Times of the display. The first is that of the bars, of JSON, and of lines that
// were requested; lines that were not appear in the logs of long runs only.
const (
	startDelay     = 500 * time.Millisecond
	autoLinesDelay = 5 * time.Second
	barInterval    = 100 * time.Millisecond
	lineInterval   = 500 * time.Millisecond
)

// Progress shows on standard error how far the blobs of a run are. It shows nothing
// of a run that ends within the delay after its first blob. nil shows nothing.
type Progress struct {
	tracker         *progress.Tracker
	view            view
	delay, interval time.Duration

	frames *frames
	shown  bool
	close  sync.Once
	stop   chan struct{}
	done   chan struct{}
}

// view shows frames.
type view interface {
	// show shows the progress of a run that continues.
	show(f frame)
	// end is called once if show was called. succeeded is false after an error,
	// which is printed then.
	end(f frame, succeeded bool)
}

// Start starts to show the blobs of a tracker, until Close. It returns nil if
// nothing will be shown.
func Start(o Options) *Progress {
	p := &Progress{delay: startDelay, interval: lineInterval, stop: make(chan struct{}), done: make(chan struct{})}
	switch mode := o.mode(); mode {
	case "bars":
		p.view, p.interval = &barView{screen: o.Screen, notices: o.Notices, unicode: o.Unicode}, barInterval
	case "json":
		p.view = &jsonView{out: o.Notices.Out, sanitizer: o.Notices.Sanitizer}
	case "plain":
		p.view = &lineView{notices: o.Notices}
		if o.Mode == "auto" {
			p.delay = autoLinesDelay
		}
	default:
		return nil
	}
	p.tracker = progress.NewTracker()
	go p.run()
	return p
}

// Tracker returns the tracker whose blobs are shown; nil for nil.
func (p *Progress) Tracker() *progress.Tracker {
	if p == nil {
		return nil
	}
	return p.tracker
}

// mode returns what auto means.
func (o Options) mode() string {
	switch {
	case o.Mode != "auto":
		return o.Mode
	case o.Screen.isTerminal() && o.Getenv("TERM") != "dumb":
		return "bars"
	}
	return "plain"
}

func (p *Progress) run() {
	defer close(p.done)
	select {
	case <-p.tracker.Started():
	case <-p.stop:
		return
	}
	p.frames = newFrames(time.Now())
	tick := time.NewTicker(p.interval)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			f := p.frames.next(time.Now(), p.tracker.Snapshot())
			if f.elapsed >= p.delay {
				p.view.show(f)
				p.shown, p.frames.ended = true, nil
			}
		case <-p.stop:
			return
		}
	}
}

// Close removes the bars, or ends the lines with a summary of the run if it
// succeeded. Only the first call does anything.
func (p *Progress) Close(succeeded bool) {
	if p == nil {
		return
	}
	p.close.Do(func() {
		close(p.stop)
		<-p.done
		if p.shown {
			p.view.end(p.frames.next(time.Now(), p.tracker.Snapshot()), succeeded)
		}
	})
}
