package script

import "hash/fnv"

// 24 bands of 3 rows: of pairs whose neighbouring keys have a Jaccard similarity
// of 0.5, 1 − (1 − 0.5³)²⁴ = 96 % become candidates; of 0.6, 99.7 %; of unrelated
// texts (0.03), 1 in 1,500.
const (
	bandCount = 24
	bandRows  = 3
	hashCount = bandCount * bandRows
)

// sketch gives the min-wise hashes of a text's neighbouring keys, joined into
// one value for each band.
func sketch(words []word) (keys [bandCount]uint64) {
	var least [hashCount]uint64
	for n := range least {
		least[n] = ^uint64(0)
	}
	for n := 0; n+1 < len(words); n++ {
		h := fnv.New64a()
		h.Write([]byte(words[n].key))
		h.Write([]byte{0})
		h.Write([]byte(words[n+1].key))
		x := h.Sum64()
		for k := range least {
			least[k] = min(least[k], mix(x+uint64(k)*0x9E3779B97F4A7C15))
		}
	}
	for b := range keys {
		k := uint64(b)
		for r := range bandRows {
			k = mix(k ^ least[b*bandRows+r])
		}
		keys[b] = k
	}
	return keys
}

// mix is the finaliser of SplitMix64 (Steele, Lea and Flood 2014): each bit of
// the result hangs on each bit given.
func mix(x uint64) uint64 {
	x = (x ^ x>>30) * 0xBF58476D1CE4E5B9
	x = (x ^ x>>27) * 0x94D049BB133111EB
	return x ^ x>>31
}

// bands finds texts that share a band. It is one hash table with chains: twelve
// bytes for each text and band. Two keys that fall together only cost an
// alignment in vain, so keys are not stored.
type bands struct {
	head []int32 // by the low bits of the key: place in next and text, or -1
	next []int32
	text []int32
	keys []uint32 // upper half of each key, so that growing and looking need no sketch
}

func (t *bands) add(text int32, keys [bandCount]uint64) {
	if len(t.text)+bandCount > len(t.head) {
		t.grow()
	}
	for _, k := range keys {
		slot := uint32(k>>32) & uint32(len(t.head)-1)
		t.next = append(t.next, t.head[slot])
		t.text = append(t.text, text)
		t.keys = append(t.keys, uint32(k>>32))
		t.head[slot] = int32(len(t.text) - 1)
	}
}

func (t *bands) grow() {
	t.head = make([]int32, max(1<<12, 2*len(t.head)))
	for n := range t.head {
		t.head[n] = -1
	}
	for n, k := range t.keys {
		slot := k & uint32(len(t.head)-1)
		t.next[n] = t.head[slot]
		t.head[slot] = int32(n)
	}
}

// candidate is a text that shares bands with the one asked for.
type candidate struct {
	text  int32
	bands int
}

// candidates gives each text that shares a band with the keys, once.
func (t *bands) candidates(keys [bandCount]uint64) []candidate {
	if len(t.head) == 0 {
		return nil
	}
	place := map[int32]int{}
	var out []candidate
	for _, k := range keys {
		for n := t.head[uint32(k>>32)&uint32(len(t.head)-1)]; n >= 0; n = t.next[n] {
			if t.keys[n] != uint32(k>>32) {
				continue
			}
			p, seen := place[t.text[n]]
			if !seen {
				p = len(out)
				place[t.text[n]] = p
				out = append(out, candidate{text: t.text[n]})
			}
			out[p].bands++
		}
	}
	return out
}
