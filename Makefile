# What one types here; the README says more.
.PHONY: demo test race lint vuln bench peers validation build generate

build:
	go build -trimpath -o suraag .

demo:
	go run . demo

# Installs what the tests need (PostgreSQL, Chromium, poppler, vips, ffmpeg, a C compiler for the race
# detector), then runs every test, with the race detector, and 10,000 mutated
# inputs for each reader without it.
test:
	./script/needs.sh
	SURAAG_REQUIRE=postgres,chromium,poppler,vips,ffmpeg go test -race -timeout 40m ./...
	SURAAG_MUTATIONS=10000 go test -timeout 40m -run TestDamagedFiles ./intake/all

# Every check of staticcheck, but those on how names are capitalised (a protocol's
# own names are kept) and on the form of comments (ours begin as the sentence wants).
CHECKS = all,-ST1000,-ST1003,-ST1016,-ST1020,-ST1021,-ST1022
lint:
	test -z "$$(gofmt -l .)" || { gofmt -l .; exit 1; }
	go vet ./...
	go run honnef.co/go/tools/cmd/staticcheck@v0.8.2 -checks $(CHECKS) ./...

# Known vulnerabilities in what the program calls; says so where their list cannot be reached.
vuln:
	./script/vuln.sh

bench:
	go run . bench

# Search beside FAISS, where Debian's libfaiss-dev is installed.
peers:
	./bench/peers.sh

# How well altered pictures are found again, on photographs from Debian packages.
validation:
	go run . validate --write doc
