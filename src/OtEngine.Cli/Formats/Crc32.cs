namespace OtEngine.Cli.Formats;

/// <summary>
/// The cyclic redundancy check of PNG and ZIP: the reflected polynomial 0xEDB88320, initial value and final mask all ones.
/// Source: ISO/IEC 15948 (PNG), annex D.
/// </summary>
internal struct Crc32
{
    private static readonly uint[] Table = CreateTable();

    private uint _complement;

    /// <summary>The check value of all bytes appended so far; 0 for none.</summary>
    public readonly uint Value => _complement;

    /// <summary>The check value of some bytes.</summary>
    public static uint Of(ReadOnlySpan<byte> bytes)
    {
        var crc = default(Crc32);
        crc.Append(bytes);
        return crc.Value;
    }

    /// <summary>Takes further bytes into the check value.</summary>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        uint crc = ~_complement;
        foreach (byte b in bytes)
            crc = Table[(byte)(crc ^ b)] ^ (crc >> 8);
        _complement = ~crc;
    }

    private static uint[] CreateTable()
    {
        var table = new uint[256];
        for (uint i = 0; i < 256; i++)
        {
            uint remainder = i;
            for (int bit = 0; bit < 8; bit++)
                remainder = (remainder & 1) == 0 ? remainder >> 1 : 0xEDB88320u ^ (remainder >> 1);
            table[i] = remainder;
        }

        return table;
    }
}
