package foreign

// Typical returns the foreign files whose platform is probably that of the whole
// image: those that a rule warns of, and the libraries of a system. Source: issue
// 12, D3.
func Typical(image Image) []File {
	s := newSurvey(image)
	s.study()
	var files []File
	for _, f := range s.foreign {
		if d := s.decide(f); d.Warning || d.Rule == RuleMultiarch && s.isSystem(f.Path) {
			files = append(files, *f)
		}
	}
	return files
}
