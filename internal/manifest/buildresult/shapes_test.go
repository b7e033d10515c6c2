package buildresult

import "strings"

// What docker buildx v0.36 build --metadata-file writes with --push and two --tag, by
// its documentation and the exporter of BuildKit v0.24.
var buildxPush = strings.NewReplacer("A64", hex("a"), "C64", hex("c")).Replace(`{
  "buildx.build.provenance": {"buildType": "https://mobyproject.org/buildkit@v1"},
  "buildx.build.ref": "builder/builder0/0fjb6ubs52xx3vygf6fgdl611",
  "containerimage.config.digest": "sha256:C64",
  "containerimage.descriptor": {
    "annotations": {"org.opencontainers.image.created": "2026-02-08T21:28:03Z"},
    "digest": "sha256:A64",
    "mediaType": "application/vnd.oci.image.manifest.v1+json",
    "size": 506
  },
  "containerimage.digest": "sha256:A64",
  "image.name": "docker.io/team/app:1.4,ghcr.io/team/app:1.4"
}
`)

// The same without a name: --output type=image,push-by-digest=true takes none from tags.
var buildxLoad = `{"containerimage.digest": "` + d("b") + `"}`

// What docker buildx v0.36 bake --metadata-file writes for two targets.
var bake = strings.NewReplacer("A64", hex("a"), "B64", hex("b")).Replace(`{
  "buildx.build.warnings": [
    {"vertex": "sha256:0", "level": 1}
  ],
  "app-amd64": {
    "buildx.build.ref": "builder/builder0/kamngmcgyzebqxwu98b4lfv3n",
    "containerimage.digest": "sha256:A64",
    "image.name": "docker.io/team/app"
  },
  "app-arm64": {
    "containerimage.digest": "sha256:B64",
    "image.name": "docker.io/team/app"
  }
}`)

// What jib 3.5 writes to jib-image.json, which has one line. imagePushed is since 3.2.1.
var jib = `{"image":"ghcr.io/team/app:1.4","imageId":"` + d("f") + `","imageDigest":"` + d("a") + `","tags":["1.4","latest"],"imagePushed":true}`

// The output json of docker/metadata-action v6.2 with two images, and
// DOCKER_METADATA_ANNOTATIONS_LEVELS=manifest,index.
const metadataAction = `{
  "tags": ["team/app:1.4.2", "team/app:latest", "ghcr.io/team/app:1.4.2", "ghcr.io/team/app:latest"],
  "tag-names": ["1.4.2", "latest"],
  "labels": {"org.opencontainers.image.version": "1.4.2"},
  "annotations": ["manifest:org.opencontainers.image.version=1.4.2", "index:org.opencontainers.image.version=1.4.2"]
}`
