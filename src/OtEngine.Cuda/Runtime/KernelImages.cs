using System.Globalization;

namespace OtEngine.Cuda.Runtime;

/// <summary>
/// The compiled kernels embedded in this assembly: PTX, family.compute_NN.ptx, and in packages machine code besides, family.sm_NN.cubin.
/// An NN that ends in a letter is for that device alone.
/// </summary>
internal static class KernelImages
{
    /// <summary>Their names.</summary>
    public static string[] All { get; } = [.. typeof(KernelImages).Assembly.GetManifestResourceNames().Where(name => IsPtx(name) || IsMachineCode(name))];

    public static bool IsPtx(string image) => image.EndsWith(".ptx", StringComparison.Ordinal);

    public static bool IsMachineCode(string image) => image.EndsWith(".cubin", StringComparison.Ordinal);

    /// <summary>
    /// The images of a family that a device can run, the one to try first first: machine code of its major version and no newer minor one,
    /// then PTX of no newer architecture, either from the newest on.
    /// </summary>
    /// <param name="images">Names of all images.</param>
    /// <param name="family">Of kernels.</param>
    /// <param name="capability">Of the device: 10 times the major version plus the minor one.</param>
    public static string[] Choose(IEnumerable<string> images, string family, int capability) =>
    [
        .. images
            .Where(image => image.StartsWith(family + ".", StringComparison.Ordinal) && Runs(image, capability))
            .OrderByDescending(IsMachineCode)
            .ThenByDescending(image => Architecture(image).Number),
    ];

    /// <summary>An image's bytes, ended by a zero as the driver expects of PTX.</summary>
    public static byte[] Read(string image)
    {
        using Stream stream = typeof(KernelImages).Assembly.GetManifestResourceStream(image)!;
        byte[] bytes = new byte[stream.Length + 1];
        stream.ReadExactly(bytes, 0, bytes.Length - 1);
        return bytes;
    }

    private static bool Runs(string image, int capability)
    {
        (int number, bool alone) = Architecture(image);
        return alone ? number == capability : number <= capability && (IsPtx(image) || number / 10 == capability / 10);
    }

    private static (int Number, bool Alone) Architecture(string image)
    {
        ReadOnlySpan<char> digits = image.AsSpan(image.LastIndexOf('_') + 1);
        digits = digits[..digits.IndexOf('.')];
        bool alone = char.IsAsciiLetter(digits[^1]);
        return (int.Parse(alone ? digits[..^1] : digits, CultureInfo.InvariantCulture), alone);
    }
}
