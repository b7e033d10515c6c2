package foreign

// Rule is the rule that decides about a file. The numbers are those of issue 12
// and of the table in docs/verify.md.
type Rule string

// The rules, in the order in which they are tried. RuleSystem is about all files
// together.
const (
	// RuleNoProgram (R1) are files that the image's system never runs itself:
	// WebAssembly and .NET assemblies. EFI programs, BPF, core dumps and object
	// files have no platform and are never foreign.
	RuleNoProgram Rule = "no-program"
	// RuleContradiction (R8) is a path that names the image's platform, of a file
	// for another one: always a mistake.
	RuleContradiction Rule = "contradiction"
	// RuleFirmware (R2) is code for other processors or for the time before the
	// system runs: boot loaders, firmware, kernel modules, debug information.
	RuleFirmware Rule = "firmware"
	// RuleRoot (R3) is a root file system of another platform in a directory.
	RuleRoot Rule = "root"
	// RuleMultiarch (R4) is a directory that is named for the platform of the file:
	// Debian's multiarch, cross compilers, lib32.
	RuleMultiarch Rule = "multiarch"
	// RuleTestData (R5) are test data, examples, and user-mode emulators.
	RuleTestData Rule = "test-data"
	// RuleTwin (R6) is a file that the image has for its own platform too.
	RuleTwin Rule = "twin"
	// RulePackage (R7) is a file of a package of Node.js, Python or Ruby: a mistake
	// if the package has files for one foreign platform only.
	RulePackage Rule = "package"
	// RuleReach (R9) are programs that could be started and libraries that could
	// be loaded.
	RuleReach Rule = "reach"
	// RuleRest (R10) is everything else: it is only counted.
	RuleRest Rule = "rest"
)

// step is a rule with its check.
type step struct {
	rule  Rule
	check func(s *survey, f file) verdict
}

// verdict is the result of one rule: undecided if it has no reason.
type verdict struct {
	reason  string
	warning bool
}

func info(reason string) verdict    { return verdict{reason: reason} }
func warning(reason string) verdict { return verdict{reason, true} }

// steps returns the rules in their order; the first one that decides counts.
// The path of firmware and emulators names what they are for, not what they run
// on, so contradictsPath excludes them although it comes first.
func steps() []step {
	return []step{
		{RuleNoProgram, isNoProgram},
		{RuleContradiction, contradictsPath},
		{RuleFirmware, isFirmware},
		{RuleRoot, isInRoot},
		{RuleMultiarch, isMultiarch},
		{RuleTestData, isTestData},
		{RuleTwin, hasTwin},
		{RulePackage, isOfPackage},
		{RuleReach, isReached},
	}
}

// decide returns the decision of the first rule that has one.
func (s *survey) decide(of *File) Decision {
	f := s.describe(of)
	d := Decision{File: of, Platform: f.label, Rule: RuleRest, Reason: "nothing runs or loads it by itself", inPath: s.isInPath(f)}
	for _, step := range s.steps {
		if v := step.check(s, f); v.reason != "" {
			d.Rule, d.Reason, d.Warning = step.rule, v.reason, v.warning
			break
		}
	}
	return d
}
