package executable

// maxData bounds how many writable segments are searched; linkers make at most
// three.
const maxData = 8

// readGo reads the Go build information, which the linker puts at the beginning
// of a writable segment, or into a section of its own.
func (f *elfFile) readGo(facts *elfFacts) *GoBuild {
	left := maxData
	for _, p := range f.segments {
		if p.kind != segmentLoad || p.flags&writable == 0 || p.size < goHeader {
			continue
		}
		if left--; left < 0 {
			break
		}
		g, err := f.s.findGoBuild(p.offset, p.size)
		facts.add("Go build information", err)
		if g != nil {
			return g
		}
	}
	all, err := f.readSections()
	if err != nil {
		facts.add("section table", err)
		return nil
	}
	s, there, err := f.named(all, ".go.buildinfo")
	if err != nil || !there {
		facts.add("section names", err)
		return nil
	}
	g, err := f.s.findGoBuild(s.offset, s.size)
	facts.add("Go build information", err)
	return g
}
