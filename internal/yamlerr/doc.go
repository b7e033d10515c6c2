// Package yamlfile tells people what is wrong with a YAML file: on which line,
// and which word they may have meant.
//
// It is a package of its own, below all others, because two that may not
// import each other read such files: manifest the specs, config the settings. Flags and codes are compared with the
// known ones by the same rule.
package yamlerr
