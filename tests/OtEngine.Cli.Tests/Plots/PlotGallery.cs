using System.Xml.Linq;

namespace OtEngine.Cli.Tests.Plots;

/// <summary>Keeps the pictures that tests draw, to be looked at, and reads them back as XML.</summary>
internal static class PlotGallery
{
    /// <summary>Writes a picture to <c>plots/</c> beside the tests, attaches it to the test, and gives its elements.</summary>
    public static XElement Keep(string name, string svg)
    {
        string folder = Path.Combine(TestContext.CurrentContext.TestDirectory, "plots");
        Directory.CreateDirectory(folder);
        string path = Path.Combine(folder, $"{name}.svg");
        File.WriteAllText(path, svg);
        TestContext.AddTestAttachment(path);
        return XDocument.Parse(svg).Root!;
    }

    public static IEnumerable<XElement> All(XElement svg, string element) => svg.Descendants(XName.Get(element, "http://www.w3.org/2000/svg"));

    public static string[] Texts(XElement svg) => [.. All(svg, "text").Select(text => text.Value)];

    public static double Number(XElement element, string attribute) => (double)element.Attribute(attribute)!;
}
