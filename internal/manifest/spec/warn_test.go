package spec_test

// wantedWarnings are those of testdata/spec/good, by file and line.
func wantedWarnings() []string {
	return []string{
		`empty-collections:6: "manifests[].platform" is empty and has no effect`,
		`entry-null:4: an item of "manifests" is empty and is skipped`,
		`extension-key:1: unknown key "x-linux" in the spec is ignored`,
		`features-null:7: an item of "manifests[].platform.os.features" is empty and is skipped`,
		`json:6: "manifests[].platform" is empty and has no effect`,
		`legacy-keys:8: unknown key "cpu" in manifests[].platform is ignored; the keys known here are os, architecture, variant, os.version, os.features`,
		`nulls:6: "manifests[].platform" is empty and has no effect`,
		`tag-empty:4: an item of "tags" is empty and is skipped`,
		`tag-null-short:7: an item of "tags" is empty and is skipped`,
		`tag-null:4: an item of "tags" is empty and is skipped`,
		`unknown-key-far:4: unknown key "platforms" in the spec is ignored; platforms belongs in manifests[]`,
		`unknown-key-in-entry-far:4: unknown key "os" in manifests[] is ignored; os belongs in manifests[].platform`,
		`unknown-key-in-platform:6: unknown key "arch" in manifests[].platform is ignored; did you mean "architecture"?`,
		`unknown-key-long:4: unknown key "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx" in the spec is ignored; the keys known here are image, tags, targets, type, artifactType, annotations, subject, attestations, require, manifests`,
		`unknown-keys:10: "manifests[].platform" is empty and has no effect`,
		`unknown-keys:11: unknown key "os" in manifests[] is ignored; os belongs in manifests[].platform`,
		`unknown-keys:12: unknown key "architecture" in manifests[] is ignored; architecture belongs in manifests[].platform`,
		`unknown-keys:13: unknown key "osversion" in manifests[] is ignored; osversion belongs in manifests[].platform`,
		`unknown-keys:14: unknown key "tags" in manifests[] is ignored; tags belongs in the spec`,
		`unknown-keys:19: unknown key "cpu" in manifests[].platform is ignored; the keys known here are os, architecture, variant, os.version, os.features`,
		`unknown-keys:20: unknown key "x-cpu" in manifests[].platform is ignored`,
		`unknown-keys:21: unknown key "image" in manifests[].platform is ignored; image belongs in manifests[]`,
		`unknown-keys:2: unknown key "name" in the spec is ignored; the keys known here are image, tags, targets, type, artifactType, annotations, subject, attestations, require, manifests`,
		`unknown-keys:3: unknown key "os" in the spec is ignored; os belongs in manifests[].platform`,
		`unknown-keys:5: unknown key "stage" in the spec is ignored; did you mean "tags"?`,
		`unknown-keys:6: unknown key "x-tags" in the spec is ignored`,
		`unknown-keys:9: unknown key "description" in manifests[] is ignored; the keys known here are image, digest, platform, annotations, platforms, optional`,
	}
}
