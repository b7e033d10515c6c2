// Package config reads the settings: from flags, from MANIFEST_TOOL_*
// variables, from a YAML file and from defaults, in this order of precedence
// (decision 21), and remembers where each one came from.
//
// viper puts the layers on top of each other and decodes the result. It is not
// let near a file or the environment: it knows no lines, it lower-cases keys,
// and it would read the process's environment behind the caller's back. So
// this package reads the file's YAML nodes and the variables itself, checks
// every value where it stands, and hands viper values that are known to be
// good. Nothing else in this module imports viper.
package config
