package validate

import "math"

// interval gives the 95 % confidence interval of a share, of which k of n were seen: that of
// Wilson ("Probable inference, the law of succession, and statistical inference", J. Am. Stat.
// Assoc. 22, 1927), which stays inside 0 to 1 and serves small n. Where none or all were seen, its
// one open end is the rule of three: 3/n (Hanley and Lippman-Hand, JAMA 249, 1983).
func interval(k, n int) (low, high float64) {
	if n == 0 {
		return 0, 1
	}
	switch k {
	case 0:
		return 0, min(1, 3/float64(n))
	case n:
		return max(0, 1-3/float64(n)), 1
	}
	const z = 1.959964 // 97.5 % point of the normal distribution
	share, all := float64(k)/float64(n), float64(n)
	middle := (share + z*z/(2*all)) / (1 + z*z/all)
	half := z / (1 + z*z/all) * math.Sqrt(share*(1-share)/all+z*z/(4*all*all))
	return middle - half, middle + half
}
