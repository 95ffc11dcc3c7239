#include "driver/registers.h"

#include <cstdlib>
#include <map>
#include <sstream>
#include <vector>

#include "register_table.h"

namespace ot_host {

namespace {

constexpr unsigned warp_threads = 32;
constexpr std::size_t unit = 256; // in which a warp's registers are given out

struct row {
  int target;
  int device;
  kernel_resources resources;
};

/// The number in a name such as compute_75 or sm_90a.
int number_of(const std::string& name) { return std::atoi(name.c_str() + name.find('_') + 1); }

/// The rows of each entry. Columns: family, ptx, sources, device, entry, registers, spilled_bytes, local_bytes, shared_bytes, reason.
std::map<std::string, std::vector<row>> read_table() {
  std::map<std::string, std::vector<row>> rows;
  std::istringstream lines(register_table);
  std::string line;
  std::getline(lines, line);
  while (std::getline(lines, line)) {
    std::vector<std::string> cells;
    std::istringstream parts(line);
    for (std::string cell; std::getline(parts, cell, ',');)
      cells.push_back(cell);
    if (cells.size() < 9)
      continue;
    rows[cells[4]].push_back({number_of(cells[1]),
                              number_of(cells[3]),
                              {std::atoi(cells[5].c_str()), std::strtoull(cells[7].c_str(), nullptr, 10), std::strtoull(cells[8].c_str(), nullptr, 10)}});
  }

  return rows;
}

} // namespace

kernel_resources resources_of(const std::string& entry, int target, int capability) {
  static const std::map<std::string, std::vector<row>> rows = read_table();
  auto found = rows.find(entry);
  int device = 0;
  kernel_resources best;
  if (found == rows.end())
    return best;
  for (const row& each : found->second) {
    if (each.target == target && each.device <= capability && each.device > device) {
      device = each.device;
      best = each.resources;
    }
  }

  return best;
}

std::size_t block_registers(const kernel_resources& resources, unsigned threads) {
  std::size_t warps = (threads + warp_threads - 1) / warp_threads;
  return warps * ((static_cast<std::size_t>(resources.registers) * warp_threads + unit - 1) / unit * unit);
}

} // namespace ot_host
