/**
 * How likely so many or more are, where so many are usual: the upper tail of a negative binomial distribution. `dispersion`: variance over mean; at 1 it
 * is a Poisson distribution.
 */
export function tailOf(count: number, mean: number, dispersion: number): number {
  if (count <= 0) return 1;
  // With mean m and dispersion d: r = m / (d - 1), q = 1 - 1/d; P(0) = d^-r, P(k + 1) = P(k) (r + k) q / (k + 1).
  const poisson = dispersion - 1 < 1e-6;
  const size = poisson ? 0 : mean / (dispersion - 1);
  let term = poisson ? Math.exp(-mean) : dispersion ** -size;
  // So many are usual that the first terms are too small for numbers: then hardly any count is out of the ordinary.
  if (term === 0) return count > mean + 40 * Math.sqrt(mean * dispersion) ? 0 : 1;
  const factor = (seen: number): number => (poisson ? mean / (seen + 1) : ((size + seen) * (1 - 1 / dispersion)) / (seen + 1));
  for (let seen = 0; seen < count; seen++) term *= factor(seen);
  // Summed from the tail itself: one minus the rest would be rounded away.
  let tail = 0;
  for (let seen = count; term > tail * 1e-12 || seen <= mean; seen++) {
    tail += term;
    term *= factor(seen);
  }
  return Math.min(1, tail);
}
