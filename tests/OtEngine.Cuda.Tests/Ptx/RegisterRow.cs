using System.Globalization;

namespace OtEngine.Cuda.Tests.Ptx;

/// <summary>A row of kernels/ptx/registers.csv: what one thread (registers, local memory) and one block (static shared memory) of an entry take.</summary>
internal sealed record RegisterRow(
    string Family, string Architecture, string Sources, string Device, string Entry, int Registers, int Spilled, int Local, int Shared, string Reason)
{
    public static RegisterRow[] All { get; } = [.. KernelFolder.Registers.Skip(1).Select(Parse)];

    private static RegisterRow Parse(string line)
    {
        string[] cells = line.Split(',', 10);
        int Cell(int column) => int.Parse(cells[column], CultureInfo.InvariantCulture);
        return new RegisterRow(cells[0], cells[1], cells[2], cells[3], cells[4], Cell(5), Cell(6), Cell(7), Cell(8), cells[9]);
    }
}
